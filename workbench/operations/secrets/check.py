"""The keys that task definitions refer to in Secrets Manager, compared with those that are stored there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.ecs.services import Ecs, Service
from workbench.aws.ecs.task_definitions import TaskDefinition, TaskDefinitions
from workbench.aws.secrets_manager.versions import NoObjectError, SecretVersions
from workbench.aws.shared.errors import AwsError
from workbench.operations.secrets.references import secret_references
from workbench.operations.secrets.values import fault
from workbench.program import Unit
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class Need:
    """One environment variable that is filled from a secret."""

    service: str
    """The catalog's name."""
    revision: int | None
    """Of the task definition; None: the service is a systemd unit."""
    container: str | None
    """None likewise."""
    variable: str

    def __str__(self) -> str:
        """Return it as one word."""
        if self.container is None:
            return f"{self.service}/{self.variable}"
        return f"{self.service}:{self.revision}/{self.container}/{self.variable}"


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One key that has no value."""

    secret: str
    key: str
    """Empty: the whole secret."""
    problem: str
    needed_by: tuple[Need, ...]

    @property
    def line(self) -> str:
        """The missing key in one line, the needs of one service and container together."""
        key = f" {self.key}" if self.key else ""
        return f"{self.secret}{key}: {self.problem}; needed by {', '.join(str(need) for need in self.needed_by)}"

    def document(self) -> Mapping[str, Any]:
        """Return it for ``--json``."""
        needs = [
            {
                "service": need.service,
                "revision": need.revision,
                "container": need.container,
                "variable": need.variable,
            }
            for need in self.needed_by
        ]
        return {"secret": self.secret, "key": self.key, "problem": self.problem, "needed_by": needs}


@dataclass(frozen=True, kw_only=True)
class SecretCheck:
    """The outcome of a check."""

    checked: int
    """How many keys."""
    lacks: tuple[Lack, ...]
    absent_services: tuple[str, ...]
    """Services without any task definition: what they need is not known yet."""
    referred_by: str = "task definitions refer to"
    """Who needs the keys, in words."""

    @property
    def passed(self) -> bool:
        """Whether every key of every service has a value."""
        return not self.lacks and not self.absent_services


def check_secrets(
    families: Mapping[str, str],
    *,
    units: Sequence[Unit] = (),
    ecs: Ecs,
    task_definitions: TaskDefinitions,
    secrets: SecretVersions,
) -> SecretCheck:
    """Check every key that the newest revision of each family, or what a service runs now, refers to.

    ``families``: ECS's name of the service, and of its family of task definitions, by the catalog's. ``units`` are
    services under systemd, whose needs the catalog tells.
    """
    services: Mapping[str, Service] = ecs.services(list(families.values())) if families else dict[str, Service]()
    needs = _unit_needs(units)
    absent: list[str] = []
    for service, family in families.items():
        running = services.get(family)
        arns = [deployment.task_definition_arn for deployment in running.deployments] if running is not None else []
        revisions = _revisions(family, arns, task_definitions)
        if not revisions:
            absent.append(service)
        for revision in revisions:
            for reference in secret_references(revision.containers):
                need = Need(
                    service=service,
                    revision=revision.revision,
                    container=reference.container,
                    variable=reference.variable,
                )
                needs.setdefault((reference.secret, reference.secret_arn, reference.key), []).append(need)
    lacks = _lacks(needs, secrets)
    referred_by = "task definitions refer to" if families else "services read"
    return SecretCheck(checked=len(needs), lacks=tuple(lacks), absent_services=tuple(absent), referred_by=referred_by)


def _unit_needs(units: Sequence[Unit]) -> dict[tuple[str, str, str], list[Need]]:
    needs: dict[tuple[str, str, str], list[Need]] = {}
    for unit in units:
        for variable in unit.secrets:
            need = Need(service=unit.name, revision=None, container=None, variable=variable.name)
            # Secrets Manager takes the name as well as the ARN.
            needs.setdefault((variable.secret, variable.secret, variable.key), []).append(need)
    return needs


def _revisions(family: str, arns: list[str], task_definitions: TaskDefinitions) -> list[TaskDefinition]:
    """Return the newest revision of a family, then the others that run, each once."""
    try:
        newest = [task_definitions.newest(family)]
    except AwsError as error:
        # ECS has no other name for it ("DescribeTaskDefinition", ECS API reference).
        if error.code != "ClientException":
            raise
        newest = []
    others = [arn for arn in dict.fromkeys(arns) if arn not in {revision.arn for revision in newest}]
    return [*newest, *(task_definitions.described(arn) for arn in others)]


def _lacks(needs: Mapping[tuple[str, str, str], list[Need]], secrets: SecretVersions) -> list[Lack]:
    stored = {arn: _stored(arn, secrets) for arn in dict.fromkeys(arn for _, arn, _ in needs)}
    return [
        Lack(secret=secret, key=key, problem=problem, needed_by=tuple(needs[secret, arn, key]))
        for secret, arn, key in sorted(needs)
        if (problem := _problem(stored[arn], key)) is not None
    ]


def _stored(arn: str, secrets: SecretVersions) -> Mapping[str, Any] | str:
    """Return what a secret holds, or why it holds nothing."""
    secret = secrets.secret(arn)
    if secret is None:
        return "there is no such secret"
    if secret.deleted_on is not None:
        return f"the secret is to be deleted; `{command('secrets restore', secret.name)}` keeps it"
    try:
        version = secrets.current(arn)
    except NoObjectError:
        return "the secret holds no JSON object"
    return "the secret holds nothing yet" if version is None else version.values


def _problem(stored: Mapping[str, Any] | str, key: str) -> str | None:
    if isinstance(stored, str):
        return stored
    if not key:
        return None
    return fault(stored, key)
