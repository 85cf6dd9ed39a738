"""ECR repositories with scanning, immutable tags and a lifecycle, made here or looked up."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component
from zelly_components.identity.grants import grant_to_role
from zelly_components.identity.iam import Statement
from zelly_components.limits.mutable_tags import pattern_excess

PUSH_AND_PULL_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    # Tags are immutable: a repeated run of a pipeline has to see first whether its tag is there already.
    "ecr:DescribeImages",
    # A pipeline also looks up the repository's URI.
    "ecr:DescribeRepositories",
    "ecr:GetDownloadUrlForLayer",
    # A deploy tells when its image expires.
    "ecr:GetLifecyclePolicy",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""Actions of ``docker push`` and ``docker pull`` on a repository (ECR User Guide, "IAM permissions for pushing"), and a
pipeline before them."""


@dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    """Arguments of a set of repositories."""

    region: str
    """The region of the repositories, whatever that of the stack that uses them, e.g. ``eu-west-1``."""
    repository_names: Sequence[str]
    """The full names of the repositories, e.g. ``shop/api``; one or more."""
    create: bool
    """Whether this stack owns the repositories. ``False`` looks up what another stack made and changes nothing."""
    images_kept: Mapping[str, int]
    """The number of newest images that are kept, by the prefix of their tags, the most precious first
    (``{"prod-": 30, "staging-": 10}``): an image with tags of two prefixes lives as long as the first of them says.
    None may begin another. An image is as new as its push: a later tag makes it no newer."""
    untagged_retention_days: int
    """The days after which an image that lost its tag, or never had one, is deleted; 1 or more."""
    days_kept: Mapping[str, int] = field(default_factory=dict[str, int])
    """The number of days that images are kept after their push, by the prefix of their tags: for what is built often
    and needed briefly (``{"branch-": 14}``). An image that also has a tag of ``images_kept`` lives as long as that one
    says. Left out, no image goes by the age of its push but untagged ones."""
    mutable_tag_patterns: Sequence[str] = ()
    """The tags that may be moved to another image, with ``*`` for any characters (``["branch-*"]``). None may match a
    tag of ``images_kept``: those name one image for ever. Left out, every tag is immutable."""


def push_statements(region: str, repository_arns: Sequence[pulumi.Input[str]]) -> list[Statement]:
    """Return the statements that allow to log in to a registry, push to these repositories and pull from them."""
    return [
        Statement(
            sid="LogIn",
            # Takes no resource (Service Authorization Reference, "Amazon ECR").
            actions=["ecr:GetAuthorizationToken"],
            resources=["*"],
            conditions={"StringEquals": {"aws:RequestedRegion": region}},
        ),
        Statement(sid="PushAndPull", actions=PUSH_AND_PULL_ACTIONS, resources=repository_arns),
    ]


class ContainerRegistry(Component):
    """ECR repositories that outlive the stack: they are protected, and AWS refuses to delete one that holds images.

    Tags are immutable, so that a tag names one image for ever and what was tested is what runs. Those of
    ``mutable_tag_patterns`` can be moved, for what is named after a branch.

    Example::

        from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs

        registry = ContainerRegistry(
            "shop",
            ContainerRegistryArgs(
                region="eu-west-1",
                repository_names=["shop/api", "shop/worker"],
                create=True,
                images_kept={"prod-": 30, "staging-": 10},
                untagged_retention_days=7,
            ),
        )
        registry.grant_push("shop-push", "shop-pipeline")
    """

    repository_urls: dict[str, pulumi.Output[str]]
    """The addresses of the repositories, by name, without a tag:
    ``<account>.dkr.ecr.<region>.amazonaws.com/<name>``."""
    repository_arns: dict[str, pulumi.Output[str]]
    """The ARNs of the repositories, by name."""

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._region = args.region
        _check(args)

        self.repository_urls = {}
        self.repository_arns = {}
        for repository_name in args.repository_names:
            repository = self._create(repository_name, args) if args.create else self._look_up(repository_name)
            self.repository_urls[repository_name] = repository.repository_url
            self.repository_arns[repository_name] = repository.arn
        self.register_annotated_outputs()

    def grant_push(self, policy_name: str, role_name: pulumi.Input[str]) -> None:
        """Let a role log in to this registry, push to these repositories and pull from them, by an inline policy."""
        grant_to_role(
            self,
            f"{self._name}-{policy_name}",
            push_statements(self._region, list(self.repository_arns.values())),
            policy_name=policy_name,
            role_name=role_name,
        )

    def _create(self, repository_name: str, args: ContainerRegistryArgs) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            f"{self._name}-{repository_name}",
            name=repository_name,
            region=args.region,
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION" if args.mutable_tag_patterns else "IMMUTABLE",
            # ECR takes filters with this mutability only, and this mutability with filters only.
            image_tag_mutability_exclusion_filters=[
                aws.ecr.RepositoryImageTagMutabilityExclusionFilterArgs(filter=pattern, filter_type="WILDCARD")
                for pattern in args.mutable_tag_patterns
            ]
            or None,
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            force_delete=False,
            # A repository is replaced empty, and several stacks run images from it: removing one is an act of its own.
            opts=self.child_with(pulumi.ResourceOptions(protect=True)),
        )
        aws.ecr.LifecyclePolicy(
            f"{self._name}-{repository_name}-lifecycle",
            repository=repository.name,
            region=args.region,
            policy=json.dumps(lifecycle_document(args), sort_keys=True),
            opts=self.child(),
        )
        return repository

    def _look_up(self, repository_name: str) -> pulumi.Output[aws.ecr.GetRepositoryResult]:
        return aws.ecr.get_repository_output(
            name=repository_name, region=self._region, opts=pulumi.InvokeOptions(parent=self)
        )


def lifecycle_document(args: ContainerRegistryArgs) -> dict[str, Any]:
    """Return ECR's lifecycle policy: a rule per tag prefix, by count before by days, and one for untagged images.

    A rule of its own per prefix, because a rule with two prefixes selects only images that carry both. In order,
    because an image that a rule selects can't be expired by a rule of lower priority: an image promoted from staging
    to production carries both tags and must not go with the staging ones (ECR User Guide, "Lifecycle policies").
    """
    rules = [
        *(
            _rule(
                f"keep the newest {count} images of {prefix}",
                **_tagged(prefix),
                countType="imageCountMoreThan",
                countNumber=count,
            )
            for prefix, count in args.images_kept.items()
        ),
        *(
            _rule(f"expire images of {prefix} after {days} days", **_tagged(prefix), **_older_than(days))
            for prefix, days in args.days_kept.items()
        ),
        _rule(
            f"expire untagged images after {args.untagged_retention_days} days",
            tagStatus="untagged",
            **_older_than(args.untagged_retention_days),
        ),
    ]
    return {
        "rules": [
            {"rulePriority": priority, "action": {"type": "expire"}, **rule} for priority, rule in enumerate(rules, 1)
        ]
    }


def _rule(description: str, **selection: Any) -> dict[str, Any]:
    return {"description": description, "selection": selection}


def _tagged(prefix: str) -> dict[str, Any]:
    return {"tagStatus": "tagged", "tagPrefixList": [prefix]}


def _older_than(days: int) -> dict[str, Any]:
    return {"countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}


def _check(args: ContainerRegistryArgs) -> None:
    names = args.repository_names
    if not names or len(set(names)) != len(names):
        raise ValueError(f"repository_names: came {', '.join(names) or 'none'}; allowed: at least one, none twice")
    if not args.images_kept:
        raise ValueError("images_kept: came none; allowed: at least one prefix of tags")
    counts = {f"images_kept of {prefix}": count for prefix, count in args.images_kept.items()}
    days = {f"days_kept of {prefix}": count for prefix, count in args.days_kept.items()}
    for name, count in {**counts, **days, "untagged_retention_days": args.untagged_retention_days}.items():
        if count < 1:
            raise ValueError(f"{name}: came {count}; allowed: 1 or more")
    prefixes = (*args.images_kept, *args.days_kept)
    for position, prefix in enumerate(prefixes):
        longer = next(
            (other for place, other in enumerate(prefixes) if place != position and other.startswith(prefix)), None
        )
        if longer is not None:
            where = "images_kept, days_kept" if args.days_kept else "images_kept"
            raise ValueError(f"{where}: came {prefix} and {longer}; allowed: none that begins another")
    if (excess := pattern_excess(args.mutable_tag_patterns, tuple(args.images_kept))) is not None:
        raise ValueError(f"mutable_tag_patterns: {excess}")
