"""The platform on a developer's machine: the catalog's containers, with the values of one stack and what differs.

The stack file is read as it is, unchecked and without pydantic: a service that it lacks yet runs here all the same.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from workbench.config.stack_file import read_yaml
from workbench.errors import OperatorError
from workbench.local_dev.model import (
    APPLICATIONS,
    EDGE,
    FOLDER_PLACEHOLDER,
    MOUNTED_AUTHORITY,
    TOOLS,
    Application,
    Build,
    HealthCheck,
    LocalPlatform,
    OnDemandNames,
    Port,
    Proxy,
    Repository,
    Watch,
    interpolated_upstream,
    upstream_variable,
)
from workbench.local_dev.values import Known, Variable
from workbench.names import config_key
from workbench.program import OtherStack
from zelly_infra import catalog
from zelly_infra.catalog import Container, HttpsIngress, PassthroughIngress, Service
from zelly_infra.local_dev import stores, values
from zelly_infra.names import PLATFORM
from zelly_infra.surroundings import FRONTENDS, SCHEMAS

STACK = "staging"
"""The stack whose host names, images, engine versions and sizes are taken over."""

DOMAIN = f"{PLATFORM}.localhost"

PUBLISHED_PORTS: Mapping[tuple[str, int], int] = {("bullmq-dashboard", 3000): 3001}
"""The ports that are published under another number, since another container has theirs."""

MIGRATION = ("npm", "run", "migrate")
"""The documents only say that migrations of the services make the schemas: the script's name is an assumption."""
MIGRATIONS: Mapping[str, tuple[str, ...]] = {}
"""The commands of the services whose script has another name."""

# Assumptions, too: the documents say how an image is built, not what is in it.
_FOLDER_IN_IMAGES = "/app"
_SOURCES = "src"
_DEPENDENCIES = ("package.json", "package-lock.json")
_BUILT_BY = ("NestJS", "Astro")
"""Frameworks whose images run what was built of the sources: copied sources would change nothing."""

_AMAZON_AUTHORITIES = "/etc/ssl/certs/rds.pem"
"""Where clients of Aurora look for its authority (docs/aurora.md)."""

_CHECKED_PATHS: Mapping[str, str] = {"bullmq-dashboard": "/", "redisinsight": "/api/health/"}
"""By container: paths of third parties' images that answer when they work."""
_AMD64_ALONE = frozenset({"bullmq-dashboard"})
"""Containers of third parties' images of which it is not known that they are published for ARM."""
_AUTHORITY_VARIABLES: Mapping[str, str] = {"redisinsight": "RI_REDIS_TLS_CA_PATH"}
"""Containers that trust no authority but one that they are told of in a variable of their own."""

_MEMORY_MIB = 512
"""Of a service whose size no stack file has yet: ECS's smallest with a quarter of a vCPU."""
_PROXY_MEMORY_MIB = 256
"""The proxy's part of a task's memory, which is its service's for the most part."""


def local_platform(root: Path) -> LocalPlatform:
    """Return the platform; ``root`` is the folder with the stack file.

    Raises:
        OperatorError: when the stack file cannot be read, or has what is not known to run here.
    """
    stack = _stack(root)
    return LocalPlatform(
        name=PLATFORM,
        title="the Zelly platform",
        domain=DOMAIN,
        stack=STACK,
        stores=stores.stores(stack),
        applications=tuple(_application(stack, service, container) for service, container in _containers()),
        proxy=_proxy(stack),
        repositories=tuple(_repositories(stack)),
        value_rules=values.RULES,
    )


def _stack(root: Path) -> OtherStack:
    source = f"Pulumi.{STACK}.yaml"
    settings: Any = read_yaml(root / source).get("config")
    section: Any = cast(dict[str, Any], settings).get(config_key(PLATFORM)) if isinstance(settings, dict) else None
    if not isinstance(section, dict):
        raise OperatorError(f"{source}: config.{config_key(PLATFORM)}: missing; a mapping is required")
    return OtherStack(name=STACK, values=cast(Mapping[str, Any], section))


def _containers() -> Iterator[tuple[Service, Container]]:
    return ((service, container) for service in catalog.SERVICES for container in service.containers)


def _is_proxy(service: Service, container: Container) -> bool:
    return isinstance(service.ingress, PassthroughIngress) and service.ingress.container == container.name


def _application(stack: OtherStack, service: Service, container: Container) -> Application:
    is_proxy, is_built = _is_proxy(service, container), container.repository is not None
    owns = any(schema.used_by[0] == service.name for schema in SCHEMAS)
    return Application(
        name=container.name,
        purpose=service.purpose if len(service.containers) == 1 else f"Of {service.name}: {service.purpose}",
        # As much as its task has in AWS: what is too little there is too little here.
        memory_mib=_PROXY_MEMORY_MIB
        if is_proxy
        else int(stack.value(f"services.{service.name}.memory_mib") or _MEMORY_MIB),
        ports=tuple(_ports(service, container)),
        profile=EDGE if is_proxy else APPLICATIONS if is_built else TOOLS,
        environment=values.variables(stack, service, container),
        additions=tuple(_additions(service, container)),
        build=_build(service, container) if is_built else None,
        image=None if is_built else str(stack.value(f"services.{service.name}.images.{container.name}")),
        image_platform="linux/amd64" if container.name in _AMD64_ALONE else None,
        health_check=_health_check(container),
        not_checked="" if container.ports else "It answers nobody; Docker starts it again when it ends.",
        stores=stores.names(service.stores),
        starts_after=tuple(_first(service, container)),
        schemas=tuple(schema.name for schema in SCHEMAS if service.name in schema.used_by),
        migration=MIGRATIONS.get(service.name, MIGRATION) if owns else None,
        host_label=_host_label(stack, service, container),
        reached_port=container.ports[0] if is_built and container.ports and not is_proxy else None,
        authorities=(_AMAZON_AUTHORITIES,) if is_built and catalog.Store.AURORA in service.stores else (),
        data_path=container.data_path,
        stop_grace_seconds=container.stop_timeout_seconds,
        watched=tuple(_watched(service)) if is_built and not is_proxy else (),
    )


def _ports(service: Service, container: Container) -> Iterator[Port]:
    for number in container.ports:
        if not (isinstance(service.ingress, PassthroughIngress) and number == service.ingress.health_check_port):
            yield Port(container=number, published=PUBLISHED_PORTS.get((container.name, number), number))


def _additions(service: Service, container: Container) -> Iterator[Variable]:
    if _is_proxy(service, container):
        for name, port in _https():
            yield Variable(name=upstream_variable(name), value=Known(interpolated_upstream(name, port)))
        return
    authority = Known(MOUNTED_AUTHORITY, on_host=f"{FOLDER_PLACEHOLDER}{MOUNTED_AUTHORITY}")
    yield Variable(name="NODE_EXTRA_CA_CERTS", value=authority)
    if container.name in _AUTHORITY_VARIABLES:
        yield Variable(name=_AUTHORITY_VARIABLES[container.name], value=authority)


def _https() -> Iterator[tuple[str, int]]:
    """Yield the containers that answer HTTPS requests from the internet, each with its port."""
    for service in catalog.SERVICES:
        if isinstance(service.ingress, HttpsIngress):
            yield service.ingress.container, service.ingress.port


def _build(service: Service, container: Container) -> Build:
    if _is_proxy(service, container):
        return Build(repository=None, folder=f"images/{container.name}")
    return Build(repository=service.github_repository, folder=service.build_folder)


def _health_check(container: Container) -> HealthCheck | None:
    if container.health_check is not None:
        return HealthCheck(command=container.health_check)
    if container.name not in _CHECKED_PATHS:
        return None
    url = f"http://127.0.0.1:{container.ports[0]}{_CHECKED_PATHS[container.name]}"
    script = (
        # Every Node has it, where older ones have no fetch.
        f"require('http').get('{url}',r=>process.exit(r.statusCode<400?0:1)).on('error',()=>process.exit(1))"
    )
    return HealthCheck(command=("CMD", "node", "-e", script))


def _first(service: Service, container: Container) -> Iterator[str]:
    if _is_proxy(service, container):
        yield from (name for name, _ in _https())
    yield from container.starts_after


def _host_label(stack: OtherStack, service: Service, container: Container) -> str | None:
    if not isinstance(service.ingress, HttpsIngress) or service.ingress.container != container.name:
        return None
    hostname = stack.value(f"services.{service.name}.hostname")
    return service.name if hostname is None else str(hostname).partition(".")[0]


def _watched(service: Service) -> Iterator[Watch]:
    is_built_of_sources = any(framework in service.technology for framework in _BUILT_BY)
    yield Watch(path=_SOURCES, target=None if is_built_of_sources else f"{_FOLDER_IN_IMAGES}/{_SOURCES}")
    yield from (Watch(path=path) for path in _DEPENDENCIES)


def _proxy(stack: OtherStack) -> Proxy:
    service, container = next(pair for pair in _containers() if _is_proxy(*pair))
    assert isinstance(service.ingress, PassthroughIngress)  # noqa: S101 (what _is_proxy found it by)
    asked, path = values.asked(stack)
    return Proxy(
        application=container.name,
        configuration="/etc/caddy/Caddyfile",
        health_port=service.ingress.health_check_port,
        health_path=service.ingress.health_check_path,
        on_demand=OnDemandNames(
            label=str(stack.value(f"services.{service.name}.hostname")).partition(".")[0],
            application=next(name for name in container.starts_after),
            asked=asked.container,
            ask_path=path,
        ),
    )


def _repositories(stack: OtherStack) -> Iterator[Repository]:
    organization = stack.value("github.organization")
    built = {service.github_repository: service.purpose for service in catalog.SERVICES if service.github_repository}
    others = {frontend.repository: frontend.purpose for frontend in FRONTENDS}
    for name, purpose in {**others, **built}.items():
        url = f"git@github.com:{organization}/{name}.git"
        yield Repository(name=name, url=url, purpose=purpose, is_needed=name in built)
