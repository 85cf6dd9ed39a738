"""Secrets in AWS Secrets Manager: one kind with values of the program, and one with values of operators."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from zelly_components.base import Component, counted
from zelly_components.limits.secret_recovery import check_recovery_window

_INITIAL_STAGE = "INITIAL"


@dataclass(frozen=True, kw_only=True)
class ManagedSecretArgs:
    """Arguments of a secret with values of the program."""

    secret_name: str
    """Its path, e.g. ``shop/redis/auth``. Another name replaces the secret."""
    description: str
    """What it is for, in words; it stands beside its name in the console."""
    recovery_window_days: int
    """Days in which a deleted secret can be restored and its name stays taken: 0 (gone at once) or 7 to 30."""
    values: Mapping[str, pulumi.Input[str]]
    """The values by key. A changed value becomes a new version; running tasks keep the one they started with."""


class ManagedSecret(Component):
    """A JSON secret whose values come from other resources (a database's password, a cache's endpoint).

    The program owns the values: what an operator writes over them is not seen, and is replaced at the next change.

    Example::

        from zelly_components.secrets import ManagedSecret, ManagedSecretArgs

        cache = ManagedSecret(
            "shop-redis-auth",
            ManagedSecretArgs(
                secret_name="shop/redis/auth",
                description="Redis of the shop",
                recovery_window_days=30,
                values={"REDIS_HOST": "redis.shop.internal", "REDIS_PORT": "6379"},
            ),
        )
    """

    secret_arn: pulumi.Output[str]
    """The secret's ARN. It resolves once the first version exists: ECS cannot start a task whose secret has no value
    yet."""
    secret_name: str
    """The secret's name."""
    keys: tuple[str, ...]
    """The keys of the secret, sorted."""

    def __init__(self, name: str, args: ManagedSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        keys = _checked_keys("values", counted("values", args.values))
        check_recovery_window(args.recovery_window_days)
        super().__init__(name, opts)
        self.secret_name = args.secret_name
        self.keys = keys
        secret = _secret(self, name, args)
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.arn,
            # Sorted, so that the order of the keys never shows as a change. The SDK marks the document secret as a
            # whole, also where only a part of it, or none, came in as a secret.
            secret_string=pulumi.Output.json_dumps(dict(args.values), sort_keys=True),
            opts=self.child(),
        )
        self.secret_arn = _arn_with_value(version)
        self.register_annotated_outputs()


@dataclass(frozen=True, kw_only=True)
class ApplicationSecretArgs:
    """Arguments of a secret with values of operators."""

    secret_name: str
    """Its path, e.g. ``shop/api/env``. Another name replaces the secret."""
    description: str
    """What it is for and who fills it, in words; it stands beside its name in the console."""
    recovery_window_days: int
    """Days in which a deleted secret can be restored and its name stays taken: 0 (gone at once) or 7 to 30."""
    keys: Sequence[str]
    """The keys that the application reads. A later one is not written into an existing secret: operators add it."""


class ApplicationSecret(Component):
    """A JSON secret that is made with every key empty, and whose values operators fill in.

    No later run writes it again, and no value of an operator's ever enters the state: the version that the program
    follows is the empty one, by its id.

    Example::

        from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs

        api = ApplicationSecret(
            "shop-api-env",
            ApplicationSecretArgs(
                secret_name="shop/api/env",
                description="Environment of the shop's API",
                recovery_window_days=30,
                keys=["JWT_SECRET", "SLACK_WEBHOOK_URL"],
            ),
        )
    """

    secret_arn: pulumi.Output[str]
    """The secret's ARN. It resolves once the empty version exists: ECS cannot start a task whose secret has no value
    yet."""
    secret_name: str
    """The secret's name."""
    keys: tuple[str, ...]
    """The keys of the secret, sorted."""

    def __init__(self, name: str, args: ApplicationSecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        keys = _checked_keys("keys", args.keys)
        check_recovery_window(args.recovery_window_days)
        super().__init__(name, opts)
        self.secret_name = args.secret_name
        self.keys = keys
        secret = _secret(self, name, args)
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.arn,
            secret_string=json.dumps(dict.fromkeys(keys, ""), sort_keys=True),
            # After two values of an operator's the first version has lost AWSCURRENT and AWSPREVIOUS, and AWS deletes
            # versions without a label; the next run would make it anew, empty and current. A label of its own keeps
            # it, and keeps a version made anew from becoming current. The very first version of a secret becomes
            # current whatever its labels are ("PutSecretValue", Secrets Manager API reference).
            version_stages=[_INITIAL_STAGE],
            opts=self.child_with(pulumi.ResourceOptions(ignore_changes=["secretString", "versionStages"])),
        )
        self.secret_arn = _arn_with_value(version)
        self.register_annotated_outputs()


def _secret(
    component: Component, name: str, args: ManagedSecretArgs | ApplicationSecretArgs
) -> aws.secretsmanager.Secret:
    return aws.secretsmanager.Secret(
        f"{name}-secret",
        name=args.secret_name,
        description=args.description,
        recovery_window_in_days=args.recovery_window_days,
        opts=component.child(),
    )


def _arn_with_value(version: aws.secretsmanager.SecretVersion) -> pulumi.Output[str]:
    # The secret's ARN, read off its version, so that whoever uses it waits for the version. Read off the version's
    # input, because its computed outputs are unknown in the preview of every changed value, and each task definition
    # that names the secret would show as replaced.
    return version.secret_id


def _checked_keys(field: str, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the keys sorted.

    ECS names a key as ``<arn>:<key>:<stage>:<version>``, so that a colon or nothing at all cannot be a key.
    """
    given = sorted(keys)
    if not given:
        raise ValueError(f"{field}: came none; allowed one key or more")
    for key in given:
        if not key or ":" in key:
            raise ValueError(f"{field}: came {key!r}; allowed keys of one character or more without a colon")
        if given.count(key) > 1:
            raise ValueError(f"{field}: came {key} {given.count(key)} times; allowed once")
    return tuple(given)
