"""The one AWS account with both environments in it, as IAM sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from tests.support.iam_decisions import Decision, Principal, Request, decide
from tests.zelly_infra.embedded.environment import ACCOUNT_ID, REGISTRY_REGION, Environment, only
from tests.zelly_infra.embedded.permissions.documents import (
    Policy,
    file_system_arn,
    key_arn,
    managed_policies_of,
    policies_of,
    role_arn,
    role_arns,
)

GITHUB_ROLE = role_arn("zelly-github-actions")
GITHUB_PROVIDER = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/token.actions.githubusercontent.com"


@dataclass(frozen=True, kw_only=True)
class Account:
    """All policies of the account."""

    policies: tuple[Policy, ...]

    @classmethod
    def of(cls, environments: Mapping[str, Environment]) -> "Account":
        """Return the account with the policies of these environments, AWS's own ones on their roles included."""
        return cls(
            policies=tuple(
                policy
                for environment in environments.values()
                for policy in [*policies_of(environment), *managed_policies_of(environment)]
            )
        )

    def having(self, changed: Policy, *, instead_of: Policy) -> "Account":
        """Return the account with one policy changed."""
        return replace(self, policies=tuple(changed if policy is instead_of else policy for policy in self.policies))

    def decide(self, request: Request) -> Decision:
        """Return what AWS answers."""
        assumes = request.action.startswith("sts:")
        return decide(
            request,
            identity=[
                policy.document
                for policy in self.policies
                if policy.kind == "identity" and policy.arn == request.principal.name
            ],
            resource=[
                policy.document
                for policy in self.policies
                if policy.kind == ("trust" if assumes else "resource")
                and (request.resource == policy.arn or request.resource.startswith(f"{policy.arn}/"))
            ],
            needs_consent=assumes or request.action.startswith("kms:"),
        )


@dataclass(frozen=True)
class Place:
    """One environment's names, for the templates of the table, e.g. ``{secret[zelly/aurora/master]}``."""

    environment: Environment

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """The ARNs of its roles by short name, e.g. ``fastify-nova-task``; GitHub's role is every environment's."""
        return {**role_arns(self.environment), "github": GITHUB_ROLE}

    def matching(self, *patterns: str) -> dict[str, str]:
        """Return the roles whose names match one of the patterns.

        Raises:
            LookupError: for a pattern that none matches.
        """
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in self.roles):
                raise LookupError(f"{pattern}: no such role; there are: {', '.join(sorted(self.roles))}")
        return {
            name: arn for name, arn in self.roles.items() if any(fnmatchcase(name, pattern) for pattern in patterns)
        }

    @cached_property
    def names(self) -> Mapping[str, Any]:
        """What a template may name."""
        environment, region = self.environment, self.environment.region
        return {
            "stack": environment.stack,
            "region": region,
            "account": ACCOUNT_ID,
            "role": self.roles,
            "secret": {name: arn for arn, name in environment.secret_names.items()},
            "log_group": f"arn:aws:logs:{region}:{ACCOUNT_ID}:log-group",
            "parameter": f"arn:aws:ssm:{region}:{ACCOUNT_ID}:parameter",
            "repository": f"arn:aws:ecr:{REGISTRY_REGION}:{ACCOUNT_ID}:repository",
            "ecs": f"arn:aws:ecs:{region}:{ACCOUNT_ID}",
            "instance": f"arn:aws:ec2:{region}:{ACCOUNT_ID}:instance/{environment.outputs.bastion_instance_id}",
            "flow_logs": only(environment.listed("ec2", "describe_flow_logs", "FlowLogs"))["LogGroupName"],
            "file_system": file_system_arn(environment),
            "access_point": only(environment.client("efs").describe_access_points()["AccessPoints"])["AccessPointArn"],
            "key": key_arn(environment),
            "topic": environment.outputs.alarm_topic_arn,
            "cache_topic": environment.outputs.cache_event_topic_arn,
            "bucket": f"arn:aws:s3:::{environment.evaluation.one('aws:s3/bucketPolicy:BucketPolicy').inputs['bucket']}",
        }


def principal(who: str) -> Principal:
    """Return who is meant by a role's ARN, an AWS service's host name or the ARN of GitHub's provider."""
    if who == GITHUB_PROVIDER:
        return Principal(kind="Federated", name=who)
    return Principal(kind="AWS" if who.startswith("arn:") else "Service", name=who)
