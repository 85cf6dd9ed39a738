import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from workbench.evaluate import Evaluation, Invocation, SymbolicBackend, evaluate
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs

ARGS = ContainerRegistryArgs(
    region="eu-west-1",
    repository_names=["shop/api", "shop/worker"],
    create=True,
    images_kept={"prod-": 30, "staging-": 10},
    untagged_retention_days=7,
)


class InvocationLog(SymbolicBackend):
    def __init__(self) -> None:
        self.invocations: list[tuple[str, Mapping[str, Any]]] = []

    def invoke(self, invocation: Invocation) -> Mapping[str, Any]:
        self.invocations.append((invocation.token, invocation.args))
        return super().invoke(invocation)


def record(args: ContainerRegistryArgs = ARGS, backend: SymbolicBackend | None = None) -> Evaluation:
    return evaluate(
        lambda: ContainerRegistry("shop", args).grant_push("shop-push", "shop-pipeline"),
        backend=backend,
    )


def test_repositories_scan_on_push_and_never_move_a_tag() -> None:
    repository = record().one("aws:ecr/repository:Repository", "shop-shop/api")
    assert repository.inputs == {
        "name": "shop/api",
        "region": "eu-west-1",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "AES256"}],
        "forceDelete": False,
    }


def test_repositories_do_not_go_with_the_stack() -> None:
    repositories = record().of_type("aws:ecr/repository:Repository")
    assert {repository.inputs["name"]: repository.protect for repository in repositories} == {
        "shop/api": True,
        "shop/worker": True,
    }


def test_lifecycle_has_a_rule_per_prefix_in_order_and_one_for_untagged_images() -> None:
    lifecycle = record().one("aws:ecr/lifecyclePolicy:LifecyclePolicy", "shop-shop/worker-lifecycle").inputs
    assert (lifecycle["repository"], lifecycle["region"]) == ("shop/worker", "eu-west-1")
    assert json.loads(lifecycle["policy"]) == {
        "rules": [
            {
                "rulePriority": 1,
                "description": "keep the newest 30 images of prod-",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPrefixList": ["prod-"],
                    "countType": "imageCountMoreThan",
                    "countNumber": 30,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": "keep the newest 10 images of staging-",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPrefixList": ["staging-"],
                    "countType": "imageCountMoreThan",
                    "countNumber": 10,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 3,
                "description": "expire untagged images after 7 days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 7,
                },
                "action": {"type": "expire"},
            },
        ]
    }


MOVABLE = dataclasses.replace(
    ARGS, images_kept={"sha-": 50}, days_kept={"branch-": 14, "nightly-": 30}, mutable_tag_patterns=["branch-*"]
)


def test_only_tags_of_the_patterns_may_be_moved() -> None:
    repository = record(MOVABLE).one("aws:ecr/repository:Repository", "shop-shop/api").inputs
    assert repository["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert repository["imageTagMutabilityExclusionFilters"] == [{"filter": "branch-*", "filterType": "WILDCARD"}]


def test_what_is_kept_for_days_goes_after_what_is_counted() -> None:
    lifecycle = record(MOVABLE).one("aws:ecr/lifecyclePolicy:LifecyclePolicy", "shop-shop/api-lifecycle").inputs
    rules = json.loads(lifecycle["policy"])["rules"]
    selections = [(rule["rulePriority"], rule["selection"].get("tagPrefixList")) for rule in rules]
    assert selections == [(1, ["sha-"]), (2, ["branch-"]), (3, ["nightly-"]), (4, None)]
    assert rules[1] == {
        "rulePriority": 2,
        "description": "expire images of branch- after 14 days",
        "selection": {
            "tagStatus": "tagged",
            "tagPrefixList": ["branch-"],
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14,
        },
        "action": {"type": "expire"},
    }


def test_lifecycle_is_written_with_sorted_keys() -> None:
    text = record().one("aws:ecr/lifecyclePolicy:LifecyclePolicy", "shop-shop/api-lifecycle").inputs["policy"]
    assert text == json.dumps(json.loads(text), sort_keys=True)


def test_existing_repositories_are_looked_up_in_their_own_region_and_not_touched() -> None:
    log = InvocationLog()
    evaluation = record(dataclasses.replace(ARGS, create=False), backend=log)
    assert [resource.type for resource in evaluation.custom()] == ["aws:iam/rolePolicy:RolePolicy"]
    assert sorted(log.invocations, key=lambda invocation: invocation[1]["name"]) == [
        ("aws:ecr/getRepository:getRepository", {"name": "shop/api", "region": "eu-west-1"}),
        ("aws:ecr/getRepository:getRepository", {"name": "shop/worker", "region": "eu-west-1"}),
    ]


@pytest.mark.parametrize(
    ("create", "api", "worker"),
    [
        (True, "${shop-shop/api", "${shop-shop/worker"),
        (False, "${repository shop/api", "${repository shop/worker"),
    ],
)
def test_urls_and_arns_are_known_by_repository_name(create: bool, api: str, worker: str) -> None:
    evaluation = record(dataclasses.replace(ARGS, create=create))
    outputs = evaluation.component_outputs[evaluation.one("zelly-components:index:ContainerRegistry").urn]
    assert outputs == {
        "repository_urls": {"shop/api": f"{api}.repositoryUrl}}", "shop/worker": f"{worker}.repositoryUrl}}"},
        "repository_arns": {"shop/api": f"{api}.arn}}", "shop/worker": f"{worker}.arn}}"},
    }


def test_grant_allows_push_and_pull_on_exactly_these_repositories() -> None:
    grant = record().one("aws:iam/rolePolicy:RolePolicy").inputs
    assert (grant["name"], grant["role"]) == ("shop-push", "shop-pipeline")
    assert json.loads(grant["policy"])["Statement"] == [
        {
            "Sid": "LogIn",
            "Effect": "Allow",
            "Action": ["ecr:GetAuthorizationToken"],
            "Resource": ["*"],
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        },
        {
            "Sid": "PushAndPull",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:GetDownloadUrlForLayer",
                "ecr:GetLifecyclePolicy",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            "Resource": ["${shop-shop/api.arn}", "${shop-shop/worker.arn}"],
        },
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repository_names": []}, "repository_names: came none; allowed: at least one, none twice"),
        ({"repository_names": ["a", "a"]}, "repository_names: came a, a; allowed: at least one, none twice"),
        ({"images_kept": {}}, "images_kept: came none; allowed: at least one prefix of tags"),
        (
            {"images_kept": {"prod": 1, "prod-eu": 1}},
            "images_kept: came prod and prod-eu; allowed: none that begins another",
        ),
        ({"images_kept": {"a-": 1, "b-": 0}}, "images_kept of b-: came 0; allowed: 1 or more"),
        ({"days_kept": {"branch-": 0}}, "days_kept of branch-: came 0; allowed: 1 or more"),
        (
            {"days_kept": {"prod-x": 1}},
            "images_kept, days_kept: came prod- and prod-x; allowed: none that begins another",
        ),
        ({"mutable_tag_patterns": list("abcdef")}, "mutable_tag_patterns: came 6; allowed: at most 5"),
        (
            {"mutable_tag_patterns": ["x" * 129]},
            f"mutable_tag_patterns: came '{'x' * 129}'; "
            "allowed: 1 to 128 letters, digits, dots, underscores, dashes and *",
        ),
        ({"mutable_tag_patterns": ["b*r*n*"]}, "mutable_tag_patterns: came b*r*n*; allowed: at most 2 times *"),
        ({"mutable_tag_patterns": ["b*", "b*"]}, "mutable_tag_patterns: came b* twice; allowed: once"),
        *(
            (
                {"mutable_tag_patterns": ["branch-*", pattern]},
                f"mutable_tag_patterns: came {pattern}, which matches tags of prod-; "
                "allowed: none that does, they name one image for ever",
            )
            for pattern in ("*", "p*", "*-latest", "prod-*", "prod-latest")
        ),
        ({"untagged_retention_days": 0}, "untagged_retention_days: came 0; allowed: 1 or more"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        record(dataclasses.replace(ARGS, **change))
