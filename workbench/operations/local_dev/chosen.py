"""The choice of what is started: services by name or by profile, and what they wait for."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.counting import listed
from workbench.errors import OperatorError
from workbench.local_dev.compose import context
from workbench.local_dev.model import (
    APPLICATIONS,
    EDGE,
    FOLDER,
    FOLDER_PLACEHOLDER,
    Application,
    Build,
    LocalPlatform,
    Part,
    Store,
)
from workbench.local_dev.values import Known

DEFAULT_PROFILES = (APPLICATIONS, EDGE)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The containers that are started."""

    names: tuple[str, ...]
    """Those that were named; empty: all of the profiles."""
    profiles: tuple[str, ...]
    stores: tuple[Store, ...]
    applications: tuple[Application, ...]
    """Those in Docker, and what they wait for."""
    migrations: tuple[Application, ...]
    """The applications whose migrations run."""
    on_host: tuple[Application, ...]
    """Those that run on the machine itself."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The stores and applications in Docker."""
        return (*self.stores, *self.applications)

    @property
    def built(self) -> Iterator[tuple[Build, str]]:
        """What images are built from, each with its application."""
        found = {each.name: each for each in (*self.applications, *self.migrations)}
        for application in found.values():
            if application.build is not None:
                yield application.build, application.name


def choose(platform: LocalPlatform, names: Sequence[str], profiles: Sequence[str], without: Sequence[str]) -> Chosen:
    """Return what is started for the services or profiles that were named.

    Raises:
        OperatorError: for a name that is none of the platform's, or that cannot run outside of Docker.
    """
    _check_names(platform, names, profiles)
    on_host = tuple(_on_host(platform, name) for name in dict.fromkeys(without))
    wanted = set(names) if names else _of_profiles(platform, profiles or DEFAULT_PROFILES)
    if both := wanted & set(without) if names else set[str]():
        raise OperatorError(f"service: came {listed(sorted(both))}, which is to run outside of Docker, too")
    applications = _with_those_before(platform, wanted)
    if idle := [each.name for each in on_host if each not in applications]:
        raise OperatorError(
            f"service: {listed(idle)} to run outside of Docker: nobody starts it anyway; allowed: "
            f"{listed([each.name for each in applications if each.build is not None and each.build.repository])}"
        )
    schemas = {schema for application in applications for schema in application.schemas}
    owners = {schema.owner for schema in platform.schemas if schema.name in schemas}
    migrations = tuple(each for each in platform.applications if each.name in owners and each.migration is not None)
    stores = {name for each in (*applications, *migrations) for name in each.stores} | set(names)
    return Chosen(
        names=tuple(names),
        profiles=() if names else tuple(profiles or DEFAULT_PROFILES),
        stores=tuple(store for store in platform.stores if not names or store.name in stores),
        applications=tuple(each for each in applications if each not in on_host),
        migrations=migrations,
        on_host=on_host,
    )


def _check_names(platform: LocalPlatform, names: Sequence[str], profiles: Sequence[str]) -> None:
    parts = [part.name for part in platform.parts]
    for name in names:
        if name not in parts:
            raise OperatorError(f"service: came {name}; allowed: {', '.join(parts)}")
    known = list(dict.fromkeys(application.profile for application in platform.applications))
    for profile in profiles:
        if profile not in known:
            raise OperatorError(f"profile: came {profile}; allowed: {', '.join(known)}")
    if names and profiles:
        raise OperatorError("service, profile: came both; allowed: one of them")


def _on_host(platform: LocalPlatform, name: str) -> Application:
    allowed = {each.name: each for each in platform.applications if each.build is not None and each.build.repository}
    if name not in allowed:
        raise OperatorError(f"service: came {name} to run outside of Docker; allowed: {', '.join(allowed)}")
    return allowed[name]


def _of_profiles(platform: LocalPlatform, profiles: Sequence[str]) -> set[str]:
    return {application.name for application in platform.applications if application.profile in profiles}


def _with_those_before(platform: LocalPlatform, wanted: set[str]) -> tuple[Application, ...]:
    found: set[str] = set()
    left = {application.name for application in platform.applications} & wanted
    while left:
        found |= left
        left = {name for each in left for name in platform.application(each).starts_after} - found
    return tuple(application for application in platform.applications if application.name in found)


def host_address(platform: LocalPlatform, application: Application, folder: Path) -> Iterator[str]:
    """Yield how an application is run on the machine itself, for whoever starts it."""
    build = application.build
    assert build is not None  # noqa: S101 (what it was chosen by)
    yield f"{application.name} is yours to start:"
    # From the folder of the compose file, which is one below the root.
    yield f"  folder     {context(build).removeprefix('../')}"
    yield f"  variables  {FOLDER}/env/{application.name}.host.env (e.g. node --env-file)"
    for variable in application.additions:
        if isinstance(variable.value, Known) and variable.value.on_host is not None:
            # A runtime may read it as it starts, before any file of variables: Node does.
            value = variable.value.on_host.replace(FOLDER_PLACEHOLDER, shlex.quote(str(folder)))
            yield f"  before     export {variable.name}={value}"
    if application.reached_port is not None:
        yield f"  port       {application.reached_port}, on all addresses (0.0.0.0): containers reach it from outside"
    for name in application.stores:
        addresses = [f"127.0.0.1:{port.published}" for port in platform.part(name).ports]
        security = ", with TLS" if platform.part(name).has_certificate else ""
        yield f"  {name:<10} {' and '.join(addresses)}{security}"
