"""``platform/environment.md``: every variable of every container, and where its value is from."""

from collections.abc import Iterator, Mapping

from zelly_infra.catalog import APPLICATION_SECRETS, HOSTS_BY_SECRET, PROGRAM_SECRETS, SERVICES, Container
from zelly_infra.config import EnvironmentConfig
from zelly_infra.documentation.tables import code, table
from zelly_infra.settings import setting_value
from zelly_infra.surroundings import SCHEMAS

_INTRODUCTION = """\
# Environment variables

<!-- written by make docs from zelly_infra/catalog.py and the stack files -->

A value that is no secret stands in the task definition; one that is a secret is a JSON key of a secret in Secrets
Manager. Operators set the keys of the services' own secrets, with
[`zelly secrets set`](../reference/cli.md#zelly-secrets-set) or
[`zelly secrets push`](../reference/cli.md#zelly-secrets-push); `zelly secrets check` says which are empty. A running
task keeps the values that it started with: [`zelly service restart`](../reference/cli.md#zelly-service-restart).
"""


def owner_of(secret: str) -> str:
    """Return who sets a secret's values."""
    return "this program makes it" if secret in PROGRAM_SECRETS else "operators set it"


def page(configs: Mapping[str, EnvironmentConfig]) -> str:
    """Return the page; the configs are the stacks', by their names."""
    parts = [_INTRODUCTION]
    for service in SERVICES:
        parts.append(f"## {service.name}\n")
        for container in service.containers:
            if len(service.containers) > 1:
                parts.append(f"### {container.name}\n")
            parts.append(table(("variable", "value", "from"), _variables(container, configs)))
    return "\n".join([*parts, *_secrets()])


def _variables(container: Container, configs: Mapping[str, EnvironmentConfig]) -> Iterator[tuple[str, str, str]]:
    for name, value in container.environment.items():
        yield f"`{name}`", f"`{value}`", "the catalog"
    for name, setting in container.settings.items():
        values = {stack: setting_value(config.storefront, setting) for stack, config in configs.items()}
        shown = "<br>".join(f"{stack}: `{value}`" for stack, value in values.items())
        yield f"`{name}`", shown, f"the stack file, `{setting}`"
    for variable in container.secrets:
        yield f"`{variable.name}`", "secret", f"`{variable.secret}`, key `{variable.key}`: {owner_of(variable.secret)}"


def _secrets() -> Iterator[str]:
    yield "## Secrets\n"
    rows = [
        (f"`{secret}`", code(keys), owner_of(secret), ", ".join(_readers(secret)))
        for secret, keys in {**PROGRAM_SECRETS, **APPLICATION_SECRETS}.items()
    ]
    yield table(("secret", "keys", "owner", "read by"), rows)
    yield f"The schemas behind `DB_HOST`: {code(schema.name for schema in SCHEMAS)} ([schemas.md](schemas.md)).\n"


def _readers(secret: str) -> Iterator[str]:
    for service in SERVICES:
        if any(variable.secret == secret for container in service.containers for variable in container.secrets):
            yield f"`{service.name}`"
    if secret in HOSTS_BY_SECRET:
        yield f"the {HOSTS_BY_SECRET[secret]}"
