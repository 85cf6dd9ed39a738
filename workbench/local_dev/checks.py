"""The mistakes that a program's own description of its local platform can have."""

from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from workbench.errors import OperatorError
from workbench.local_dev.model import Application, LocalPlatform


def check_platform(platform: LocalPlatform) -> None:
    """Refuse a platform that Docker would refuse, or that would wait for ever.

    Raises:
        OperatorError: with a line for each mistake.
    """
    if lines := [*_names_taken(platform), *_ports_taken(platform), *_owners(platform), *_waited_for(platform)]:
        raise OperatorError(*(f"{platform.name} on this machine: {line}" for line in lines))


def _names_taken(platform: LocalPlatform) -> Iterator[str]:
    names = [part.name for part in platform.parts]
    names += [application.migration_name for application in platform.applications if application.migration is not None]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: {names.count(name)} containers have this name; allowed: one"


def _ports_taken(platform: LocalPlatform) -> Iterator[str]:
    owners: dict[int, list[str]] = defaultdict(list)
    for part in platform.parts:
        for port in part.ports:
            owners[port.published].append(part.name)
    for port, names in owners.items():
        if len(names) > 1:
            yield f"port {port}: published by {' and '.join(names)}; allowed: one of them"


def _owners(platform: LocalPlatform) -> Iterator[str]:
    migrated = [application.name for application in platform.applications if application.migration is not None]
    for schema in platform.schemas:
        if schema.owner not in migrated:
            yield f"schema {schema.name}: {schema.owner} makes it; allowed: {', '.join(migrated) or 'nobody'}"


def _waited_for(platform: LocalPlatform) -> Iterator[str]:
    stores = {store.name for store in platform.stores}
    applications = {application.name: application for application in platform.applications}
    for application in platform.applications:
        for name in application.stores:
            if name not in stores:
                yield f"{application.name}: waits for {name}; allowed: {', '.join(sorted(stores))}"
        for name in application.starts_after:
            if name not in applications:
                yield f"{application.name}: waits for {name}; allowed: {', '.join(applications)}"
            elif applications[name].health_check is None:
                yield f"{application.name}: waits for {name}, which has no health check"
    yield from _cycles(platform.applications)


def _cycles(applications: tuple[Application, ...]) -> Iterator[str]:
    try:
        TopologicalSorter({application.name: application.starts_after for application in applications}).prepare()
    except CycleError as error:
        yield f"{' after '.join(error.args[1])}: none of them starts first"
