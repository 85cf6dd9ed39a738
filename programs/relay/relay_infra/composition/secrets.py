"""The secrets whose values operators set, empty at first."""

from collections.abc import Mapping

import pulumi

from relay_infra import catalog
from relay_infra.composition.scope import Scope
from zelly_components.secrets import ApplicationSecret, ApplicationSecretArgs


def build_secrets(scope: Scope) -> Mapping[str, pulumi.Output[str]]:
    """Make the services' secrets and return their ARNs by service."""
    return {
        service.name: ApplicationSecret(
            scope.name(f"{service.name}-env"),
            ApplicationSecretArgs(
                secret_name=service.secret,
                description=f"Environment of {service.name}, filled by operators",
                recovery_window_days=scope.environment.secrets.recovery_window_days,
                keys=service.keys,
            ),
            scope.options,
        ).secret_arn
        for service in catalog.SERVICES
    }
