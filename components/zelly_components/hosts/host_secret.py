"""Secrets of a host: made before it, which may read one of them, and filled after it, since they hold its address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from zelly_components.base import Component
from zelly_components.hosts.certificates import SEED_BYTES

Values = Mapping[str, str]


@dataclass(frozen=True)
class HostSecret:
    """A secret that is still without a value."""

    component: Component
    name: str
    """Logical, of the secret; its value's is made of it."""
    arn: pulumi.Output[str]

    def fill(self, values: pulumi.Output[Values]) -> pulumi.Output[str]:
        """Give it its value, a JSON object, and return its ARN, which then resolves once the value is there."""
        version = aws.secretsmanager.SecretVersion(
            f"{self.name}-version",
            secret_id=self.arn,
            secret_string=pulumi.Output.secret(pulumi.Output.json_dumps(values, sort_keys=True)),
            opts=self.component.child(),
        )
        # The version's own input: known in a preview in which only the value changes.
        return version.secret_id


def host_secret(
    component: Component, name: str, *, secret_name: str, description: str, recovery_window_days: int
) -> HostSecret:
    """Make a secret as a child of a host's component."""
    secret = aws.secretsmanager.Secret(
        name,
        name=secret_name,
        description=description,
        recovery_window_in_days=recovery_window_days,
        opts=component.child(),
    )
    return HostSecret(component=component, name=name, arn=secret.arn)


def certificate_seeds(component: Component, name: str) -> Mapping[str, pulumi.Output[str]]:
    """Make the seeds of a host's certificate: ``authority_seed``, which its clients depend on, and ``host_seed``."""
    return {
        f"{part}_seed": random.RandomBytes(f"{name}-{part}-seed", length=SEED_BYTES, opts=component.child()).base64
        for part in ("authority", "host")
    }


def computed(values: Mapping[str, pulumi.Input[str]], compute: Callable[[Values], Values]) -> pulumi.Output[Values]:
    """Return what is computed of values together; nothing where a resource gave one of them no value.

    A provider gives every output a value; mocks in a unit test that only echo the inputs do not.
    """

    def apply(given: Mapping[str, Any]) -> Values:
        return {} if None in given.values() else compute(cast(Values, given))

    return pulumi.Output.all(**values).apply(apply)
