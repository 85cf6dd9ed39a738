"""Checks of the catalog's entries: each mistake is one line, before anything is asked of AWS."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from workbench.errors import OperatorError
from zelly_infra import catalog, surroundings
from zelly_infra.catalog import Container, HttpsIngress, Service, Store

SOURCE = "zelly_infra/catalog.py"
SURROUNDINGS = "zelly_infra/surroundings.py"

_NAME = re.compile(r"[a-z](-?[a-z0-9])*")
_LONGEST_NAME = 20
_TAKEN = {catalog.VPN, catalog.SHARED_LOAD_BALANCER, *Store}
"""Names that rules of security groups give to others than services."""
_REPOSITORY = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
"""Of 2 to 256 characters ("CreateRepository", ECR API reference)."""
_BALANCER = re.compile(r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
"""At most 32 characters, no hyphen at either end, not beginning with internal- ("CreateLoadBalancer", ELB API)."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_STOP_SECONDS = 120
"""Fargate's ("ContainerDefinition", ECS API reference)."""

_STORES: Mapping[str, Store] = {
    catalog.AURORA_SECRET: Store.AURORA,
    catalog.REDIS_SECRET: Store.REDIS,
    catalog.CLICKHOUSE_SECRET: Store.CLICKHOUSE,
}


def check_catalog(services: Iterable[Service] = catalog.SERVICES) -> None:
    """Refuse a catalog with mistakes.

    Raises:
        OperatorError: with a line for each mistake.
    """
    known = tuple(services)
    lines = [f"{SOURCE}: {line}" for line in faults(known)]
    lines += [f"{SURROUNDINGS}: {line}" for line in surroundings_faults(known)]
    if lines:
        raise OperatorError(*lines)


def faults(services: tuple[Service, ...]) -> Iterator[str]:
    """Yield a line for each mistake."""
    for name in _repeated(service.name for service in services):
        yield f"{name}: there twice; each service once is allowed"
    balancers = [service.ingress.load_balancer for service in services if service.ingress is not None]
    for name in _repeated(balancers):
        yield f"load balancer {name}: of two services; one of its own is required for each"
    for service in services:
        yield from (f"{service.name}: {line}" for line in _service(service))
        yield from (f"{service.name}: {line}" for line in _calls(service, services))


def surroundings_faults(services: tuple[Service, ...]) -> Iterator[str]:
    """Yield a line for each name in what surrounds the services that none of them has."""
    names = [service.name for service in services]
    named = [
        *((f"queue {queue.name}: producer", queue.producer) for queue in surroundings.QUEUES),
        *((f"queue {queue.name}: consumer", queue.consumer) for queue in surroundings.QUEUES),
        *((f"schema {schema.name}: used_by", user) for schema in surroundings.SCHEMAS for user in schema.used_by),
        *(
            (f"{each.name}: calls", call.to)
            for each in (*surroundings.FRONTENDS, *surroundings.THIRD_PARTIES)
            for call in each.calls
        ),
    ]
    for where, name in named:
        if name not in names:
            yield f"{where}: {name}; allowed: {', '.join(names)}"


def _service(service: Service) -> Iterator[str]:
    if _NAME.fullmatch(service.name) is None or len(service.name) > _LONGEST_NAME:
        yield f"name; allowed: lower-case letters, digits and single hyphens, at most {_LONGEST_NAME}"
    if service.name in _TAKEN:
        yield f"name; taken by the platform's own ({', '.join(sorted(_TAKEN))})"
    if not service.containers:
        yield "containers: none; one is required"
    for name in _repeated(container.name for container in service.containers):
        yield f"container {name}: there twice; each once is allowed"
    for port in _repeated(port for container in service.containers for port in container.ports):
        yield f"port {port}: of two containers, which share one network; one of them is allowed"
    for container in service.containers:
        yield from (f"container {container.name}: {line}" for line in _container(container, service))
    yield from _ingress(service)


def _calls(service: Service, services: tuple[Service, ...]) -> Iterator[str]:
    known = [*(each.name for each in services), *(each.name for each in surroundings.THIRD_PARTIES)]
    for call in service.calls:
        if call.to not in known:
            yield f"calls: {call.to}; allowed: {', '.join(known)}"


def _container(container: Container, service: Service) -> Iterator[str]:
    others = {each.name for each in service.containers} - {container.name}
    for name in container.starts_after:
        if name not in others:
            yield f"starts_after: {name}; allowed: {', '.join(sorted(others)) or 'nothing, it is alone'}"
    if container.repository is not None and not _is_repository(container.repository):
        yield f"repository: {container.repository}; allowed: a name that ECR takes, e.g. zelly/{service.name}"
    if not 0 < container.stop_timeout_seconds <= _LONGEST_STOP_SECONDS:
        yield f"stop_timeout_seconds: {container.stop_timeout_seconds}; allowed: 1 to {_LONGEST_STOP_SECONDS}"
    variables = [*container.environment, *container.settings, *(variable.name for variable in container.secrets)]
    for name in _repeated(variables):
        yield f"variable {name}: there twice; each once is allowed"
    for variable in container.secrets:
        yield from _secret(variable, service)


def _secret(variable: catalog.SecretVariable, service: Service) -> Iterator[str]:
    known = catalog.PROGRAM_SECRETS.get(variable.secret)
    if known is not None and variable.key not in known:
        yield f"secret {variable.secret}: {variable.key}; allowed: {', '.join(known)}"
    if known is None and not (_is_repository(variable.secret) and variable.secret.startswith("zelly/")):
        yield f"secret {variable.secret}: allowed: a name below zelly/, e.g. zelly/{service.name}/env"
    if _VARIABLE.fullmatch(variable.key) is None:
        yield f"secret {variable.secret}: a key is no name of an environment variable"
    store = _STORES.get(variable.secret)
    if store is not None and store not in service.stores:
        yield f"secret {variable.secret}: {variable.key}; stores has to have {store}, which it is of"


def _ingress(service: Service) -> Iterator[str]:
    ingress = service.ingress
    if ingress is None:
        return
    if _BALANCER.fullmatch(ingress.load_balancer) is None:
        yield f"load balancer {ingress.load_balancer}: allowed: a name that ELB takes, e.g. alb-{service.name}"
    ports = {container.name: container.ports for container in service.containers}
    if ingress.container not in ports:
        yield f"ingress: container {ingress.container}; allowed: {', '.join(ports)}"
        return
    wanted = (ingress.port,) if isinstance(ingress, HttpsIngress) else (*ingress.ports, ingress.health_check_port)
    for port in wanted:
        if port not in ports[ingress.container]:
            listened = ", ".join(map(str, ports[ingress.container])) or "none"
            yield f"ingress: port {port}; allowed: those of {ingress.container} ({listened})"
    if not ingress.health_check_path.startswith("/"):
        yield f"ingress: health_check_path {ingress.health_check_path}; allowed: a path, e.g. /health"


def _is_repository(name: str) -> bool:
    return _REPOSITORY.fullmatch(name) is not None and 2 <= len(name) <= 256


def _repeated(items: Iterable[str | int]) -> list[str | int]:
    return [item for item, count in Counter(items).items() if count > 1]
