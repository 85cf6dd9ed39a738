"""What a deploy is planned to be, and with which words it is refused."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.workbench.operations.deploys.planning import GAVE_UP, NOTHING_CHOSEN, TARGETS, UNDER_WAY, deploy
from tests.workbench.operations.failing import refused
from tests.workbench.operations.seen import OURS, D, arn, service
from tests.workbench.operations.shop import (
    DEPLOYABLE,
    STEADY,
    Shop,
    called,
    digest,
    image,
    images,
    repository,
    revision,
)
from workbench.aws.ecs.services import Service
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import Choice, choices, plan_deploy
from workbench.operations.deploys.rollback import plan_rollback

SAID = [
    "shop-api, now shop-api:8:",
    f"  api: {called('a')} -> {called('c')}",
    f"  proxy: {called('1')} again",
    "  in a new revision made from shop-api:8",
]


def test_deploy_says_what_changes_and_pins_it() -> None:
    plan = deploy(Shop(), api="c")
    assert plan.lines() == SAID
    assert (plan.images, plan.registered["containerDefinitions"][0]) == (
        images("c1"),
        {"name": "api", "image": images("c1")["api"]},
    )
    assert (plan.source_arn, plan.running_arn, plan.earlier_arn) == (arn(8), arn(8), arn(8))
    assert (plan.running_deployment_id, plan.tags) == (OURS, ({"key": "k", "value": "v"},))
    assert plan.document() == {
        "service": "api",
        "changes": [
            {"container": "api", "before": called("a"), "after": called("c")},
            {"container": "proxy", "before": called("1"), "after": called("1")},
        ],
        "images": images("c1"),
        "task_definition_before": "shop-api:8",
        "task_definition_source": "shop-api:8",
        "is_reused": False,
        "is_restart": False,
        "differences": [],
        "records_first": None,
        "notes": [],
        "tagged_as_deployed": [{"container": "api", "tag": f"deployed-staging-{'c' * 12}"}],
        "expiries": {"api": None, "proxy": None},
        "waits_for": None,
        "timeout_seconds": 600,
        "settling_seconds": 30,
    }


def test_what_the_template_changes_goes_along_and_is_said() -> None:
    shop = Shop(revisions={8: revision(8, "a1", cpu="256"), 9: revision(9, "a1", cpu="512")})
    plan = deploy(shop, api="c")
    assert plan.lines() == [
        *SAID[:3],
        "  in a new revision made from shop-api:9",
        "  and, against shop-api:8:",
        "    cpu: 256 -> 512",
    ]
    assert (plan.source_arn, plan.running_arn) == (arn(9), arn(8))


def test_containers_that_are_not_named_keep_what_was_healthy_whatever_the_template_holds() -> None:
    plan = deploy(Shop(revisions={8: revision(8, "a1"), 9: revision(9, "e2")}), api="c")
    assert plan.images == images("c1")


def test_container_that_never_had_an_image_gets_the_newest_and_one_that_had_does_not() -> None:
    shop = Shop(is_there=service(UNDER_WAY), revisions={8: revision(8, "00")}, deploys=())
    plan = deploy(shop, RolloutOptions(supersede=True), api="c")
    assert (plan.images, plan.notes) == (
        images("c2"),
        (f"proxy never had an image: the newest goes along, {called('2')}.",),
    )
    assert plan.lines()[-1] == plan.notes[0]
    gone = Shop(revisions={8: revision(8, "a0")}, deploys=("a0",))
    assert refused(deploy, gone, api="c") == [
        "shop-api is left as it is:",
        f"  proxy: no image sha256:{'0' * 12} in shop/proxy; the newest tags of staging there: staging-2, staging-1",
    ]


def test_what_runs_unrecorded_is_recorded_first() -> None:
    plan = deploy(Shop(deploys=("b1",)), api="c")
    assert (plan.unrecorded, plan.lines()[-1]) == (
        images("a1"),
        "  What runs now is not recorded as deployed; that is put right first.",
    )


@pytest.mark.parametrize(
    ("options", "waits"), [(RolloutOptions(), True), (RolloutOptions(supersede=True), False)], ids=["waits", "goes on"]
)
def test_way_back_of_ecs_is_waited_for_unless_it_is_superseded(options: RolloutOptions, waits: bool) -> None:
    checked = revision(8, "a1")
    healthy = {"startPeriod": 10, "interval": 5, "retries": 2}
    checked.document["containerDefinitions"][0]["healthCheck"] = healthy
    plan = deploy(Shop(is_there=service(D(reason=GAVE_UP, running=1)), revisions={8: checked}), options, api="c")
    assert (plan.waits_for is not None, plan.wait_seconds) == (waits, 660)
    assert plan.document()["waits_for"] == (OURS if waits else None)
    said = (
        "  First shop-api:8 is waited for, which was healthy and which ECS goes back to (ecs-svc/2, since "
        "2026-05-04T12:00:00Z): 660 s at most."
    )
    assert plan.lines()[4:] == ([said] if waits else [])


@pytest.mark.parametrize(
    ("check", "targets", "seconds", "settling"),
    [
        (None, (), 600, 30),
        ({"startPeriod": 10, "interval": 5, "retries": 2}, (), 660, 0),
        ({"command": ["x"]}, (), 870, 0),
        (None, TARGETS, 600, 0),
    ],
)
def test_time_follows_from_the_checks_of_containers_and_no_check_means_a_look_afterwards(
    check: Mapping[str, Any] | None, targets: tuple[str, ...], seconds: int, settling: int
) -> None:
    checked = revision(8, "a1")
    if check is not None:
        checked.document["containerDefinitions"][1]["healthCheck"] = check
    shop = Shop(is_there=replace(service(STEADY), target_group_arns=targets), revisions={8: checked})
    plan = deploy(shop, api="c")
    assert (plan.timeout_seconds, plan.settling_seconds) == (seconds, settling)
    assert deploy(shop, RolloutOptions(timeout_seconds=7), api="c").timeout_seconds == 7


POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "action": {"type": "expire"},
                "selection": {
                    "tagStatus": "tagged",
                    "tagPrefixList": ["deployed-"],
                    "countType": "imageCountMoreThan",
                    "countNumber": 3,
                },
            }
        ]
    }
)


def test_expiry_counts_as_if_the_image_were_tagged_as_deployed() -> None:
    plan = deploy(Shop(policy=POLICY), api="c")
    assert plan.expiries == {
        "api": "expires within 3 pushes of deployed-…",
        "proxy": "expires within 3 pushes of deployed-…",
    }
    assert plan.notes == (
        "api: the image expires within 3 pushes of deployed-….",
        "proxy: the image expires within 3 pushes of deployed-….",
    )
    denied = deploy(Shop(is_policy_denied=True), api="c")
    why = denied.expiries["api"]
    assert why is not None
    assert why.startswith("ecr:GetLifecyclePolicy, it: Code: no (the credentials")
    assert denied.notes[0] == f"api: when the registry lets the image go is not known: {why}."


@pytest.mark.parametrize(
    ("built_for", "line"),
    [
        (frozenset[str](), "api: the image is built for no Linux; allowed: amd64, as the task definition says X86_64"),
        (
            frozenset({"s390x", "arm64"}),
            "api: the image is built for arm64, s390x; allowed: amd64, as the task definition says X86_64",
        ),
    ],
)
def test_image_for_another_architecture_is_refused(built_for: frozenset[str], line: str) -> None:
    assert refused(deploy, Shop(built_for=built_for), api="c")[1] == f"  {line}"


def test_architecture_is_the_task_definitions_and_an_unknown_one_is_said() -> None:
    on_arm = {8: revision(8, "a1", runtimePlatform={"cpuArchitecture": "ARM64"})}
    assert deploy(Shop(revisions=on_arm, built_for=frozenset({"arm64"})), api="c").notes == ()
    assert deploy(Shop(revisions=on_arm, built_for=None), api="c").notes == (
        "api: the image does not tell its architecture; ARM64 is needed.",
        "proxy: the image does not tell its architecture; ARM64 is needed.",
    )


def test_image_that_is_nowhere_is_refused_with_those_there_are() -> None:
    assert refused(deploy, Shop(), api="z")[1:] == [
        "  api: no image staging-z in shop/api; the newest tags of staging there: staging-c, staging-b, staging-a"
    ]
    empty = Shop(registry={"shop/api": repository("shop/api", "fedcba"), "shop/proxy": ()})
    assert refused(deploy, empty, api="z")[1:] == [
        "  api: no image staging-z in shop/api; the newest tags of staging there: "
        "staging-f, staging-e, staging-d, staging-c, staging-b",
        "  proxy: shop/proxy has no image of staging yet, and a task starts with all of its containers or not at all; "
        "first `zelly image push api --container proxy --context DIR --stack staging`",
    ]


WITHOUT_TASKS = (
    "  0 tasks are wanted: nothing would start, and nothing would show whether the image works; "
    "first `zelly service scale api --tasks 1 --stack staging`"
)
ANOTHER = (
    "  another deployment is under way (ecs-svc/2, shop-api:8, since 2026-05-04T12:00:00Z); "
    "wait for it, or supersede it with --force"
)


@pytest.mark.parametrize(
    ("is_there", "deploys", "lines"),
    [
        (service(D(state="COMPLETED"), desired=0), ("a1",), [WITHOUT_TASKS]),
        (service(UNDER_WAY), ("b1",), [ANOTHER]),
        (service(D(), desired=0), ("b1",), [WITHOUT_TASKS, ANOTHER]),
    ],
)
def test_service_that_is_not_ready_for_a_rollout_is_left_as_it_is(
    is_there: Service, deploys: tuple[str, ...], lines: list[str]
) -> None:
    shop = Shop(is_there=is_there, deploys=deploys)
    assert refused(deploy, shop, api="c") == ["shop-api is left as it is:", *lines]
    forced = lines[:1] if is_there.desired_count == 0 else []
    if forced:
        assert refused(deploy, shop, RolloutOptions(supersede=True), api="c")[1:] == forced
    else:
        assert deploy(shop, RolloutOptions(supersede=True), api="c").images == images("c1")


def test_first_image_may_be_deployed_while_the_programs_own_is_tried_for_ever() -> None:
    shop = Shop(is_there=service(D()), deploys=())
    assert deploy(shop, api="c").images == images("c2")


NEEDS = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/env-a1B2c3"


def test_secret_without_a_key_stops_a_rollout_and_skipping_the_check_is_said_loudly() -> None:
    needing = revision(8, "a1")
    needing.document["containerDefinitions"][0]["secrets"] = [{"name": "TOKEN", "valueFrom": f"{NEEDS}:TOKEN::"}]
    shop = Shop(revisions={8: needing}, secrets={NEEDS: {}})
    assert refused(deploy, shop, api="c")[1:] == ["  secret shop/env, needed by api: TOKEN missing"]
    assert deploy(shop, RolloutOptions(skip_secret_check=True), api="c").notes == (
        "SECRETS NOT CHECKED (--skip-secret-check): a task whose secret lacks a key does not start.",
    )
    shop.secrets = None
    assert refused(deploy, shop, api="c") == [
        "secretsmanager:GetSecretValue, it: these credentials may not read it, so that no secret can be checked; "
        "--skip-secret-check goes on without"
    ]


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({"tag": "staging-a"}, {"api": Choice(tag="staging-a")}),
        ({"containers": ["proxy"], "digest": "sha256:1"}, {"proxy": Choice(digest="sha256:1")}),
        (
            {"containers": ["api", "proxy"], "tag": "staging-a"},
            {"api": Choice(tag="staging-a"), "proxy": Choice(tag="staging-a")},
        ),
        (
            {"images": ["proxy=staging-2", "api=sha256:1"]},
            {"proxy": Choice(tag="staging-2"), "api": Choice(digest="sha256:1")},
        ),
    ],
)
def test_images_are_chosen_by_tag_digest_and_container(given: Mapping[str, Any], chosen: Mapping[str, Choice]) -> None:
    arguments: dict[str, Any] = {**NOTHING_CHOSEN, **given}
    assert choices(DEPLOYABLE, **arguments) == chosen


ALONE = "--image: came with --container, --tag or --digest; allowed: alone, once a container"
FOREIGN = "allowed in staging: staging-…; `zelly service promote` brings an image from another stack"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, "--tag, --digest, --image: one of them is required"),
        ({"tag": "staging-a", "digest": "sha256:1"}, "--tag, --digest: came both; allowed: one of them"),
        (
            {"containers": ["api", "proxy"], "digest": "sha256:1"},
            "--digest: one image has one digest; allowed: with one --container, or --tag for several",
        ),
        ({"tag": "prod-a"}, f"--tag: came prod-a; {FOREIGN}"),
        ({"tag": "staging"}, f"--tag: came staging; {FOREIGN}"),
        ({"containers": ["web"], "tag": "staging-a"}, "--container: came web; allowed for api: api, proxy"),
        ({"images": ["api=staging-a"], "tag": "staging-a"}, ALONE),
        ({"images": ["api=staging-a"], "digest": "sha256:1"}, ALONE),
        ({"images": ["api=staging-a"], "containers": ["api"]}, ALONE),
        ({"images": ["api"]}, "--image: came api; allowed: CONTAINER=TAG or CONTAINER=sha256:…"),
        ({"images": ["api="]}, "--image: came api=; allowed: CONTAINER=TAG or CONTAINER=sha256:…"),
        ({"images": ["web=staging-a"]}, "--image: came web; allowed for api: api, proxy"),
        ({"images": ["api=staging-a", "api=staging-b"]}, "--image: came api twice; allowed: once a container"),
        ({"images": ["api=prod-a"]}, f"--image: came prod-a; {FOREIGN}"),
    ],
)
def test_choices_that_do_not_go_together_are_refused(given: Mapping[str, Any], line: str) -> None:
    assert refused(choices, DEPLOYABLE, **{**NOTHING_CHOSEN, **given}) == [line]


COMMITS = replace(DEPLOYABLE, tag_prefix="sha", deployed_tag_prefix="deployed-staging", commit_digits=40)
COMMIT = f"sha-{'0a' * 20}"


@pytest.mark.parametrize("tag", ["branch-main", "nightly-20260504", "sha-0a0a0a0a", f"{COMMIT}-dirty", f"{COMMIT}0"])
def test_only_a_whole_commit_may_be_deployed_where_tags_are_commits(tag: str) -> None:
    assert choices(COMMITS, containers=[], tag=COMMIT, digest=None) == {"api": Choice(tag=COMMIT)}
    line = f"came {tag}; allowed in staging: sha- and a whole commit (40 digits); other tags are never deployed"
    assert refused(choices, COMMITS, containers=[], tag=tag, digest=None) == [f"--tag: {line}"]
    several: dict[str, Any] = {**NOTHING_CHOSEN, "images": [f"api={tag}"]}
    assert refused(choices, COMMITS, **several) == [f"--image: {line}"]
    back = refused(lambda: plan_rollback(COMMITS, to=tag, aws=Shop().aws, options=RolloutOptions()))
    assert back == [f"--to: {line}"]


def test_image_without_a_commits_tag_is_not_deployed_by_its_digest() -> None:
    tagged = image("shop/api", "d", "branch-main"), image("shop/api", "e", "branch-old", COMMIT)
    shop = Shop(registry={"shop/api": tagged, "shop/proxy": repository("shop/proxy", "1")})
    chosen = {"api": Choice(digest=digest("d"))}
    assert refused(plan_deploy, COMMITS, chosen, shop.aws, RolloutOptions()) == [
        f"api: {digest('d')} has no tag of a commit (branch-main); allowed in staging: sha- and a whole commit "
        "(40 digits)"
    ]
    plan = plan_deploy(COMMITS, {"api": Choice(tag=COMMIT)}, shop.aws, RolloutOptions())
    assert plan.images["api"] == images("e1")["api"]
    assert f"deployed-staging-{'e' * 12}" in [mark.tag for mark in plan.marks]
