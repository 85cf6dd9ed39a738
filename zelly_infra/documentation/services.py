"""``platform/services.md``: each service with what it is for, where it answers and what it needs."""

from collections.abc import Iterator, Mapping

from zelly_infra.catalog import SERVICES, HttpsIngress, PassthroughIngress, Service
from zelly_infra.config import EnvironmentConfig
from zelly_infra.documentation.environment import owner_of
from zelly_infra.documentation.tables import code, link, table
from zelly_infra.names import log_group_name
from zelly_infra.surroundings import FRONTENDS, QUEUES, SCHEMAS, THIRD_PARTIES

_INTRODUCTION = """\
# Services

<!-- written by make docs from zelly_infra/catalog.py, zelly_infra/surroundings.py and the stack files -->

The services on ECS, in the order of the platform's documents, and what runs at Cloudflare. All repositories lie beside
each other in one folder; a service is deployed by [its own pipeline](../service-workflow.md).
"""


def page(configs: Mapping[str, EnvironmentConfig]) -> str:
    """Return the page; the configs are the stacks', by their names."""
    parts = [_INTRODUCTION, _at_a_glance(), *(_section(service, configs) for service in SERVICES), *_frontends()]
    return "\n".join(parts)


def _at_a_glance() -> str:
    rows = [
        (link(each.name), each.technology, "ECS Fargate", _way_in(each), code(sorted(each.stores), none=""))
        for each in SERVICES
    ]
    rows += [(link(each.name), each.technology, each.runs_on, "Cloudflare", "") for each in FRONTENDS]
    return table(("service", "technology", "runs on", "reached through", "stores"), rows)


def _way_in(service: Service) -> str:
    match service.ingress:
        case HttpsIngress(load_balancer=balancer, port=port):
            return f"`{balancer}`, HTTPS to port {port}"
        case PassthroughIngress(load_balancer=balancer, ports=ports):
            return f"`{balancer}`, TCP to ports {', '.join(map(str, ports))}"
        case None:
            return "VPN alone" if service.ports else "nothing: a worker"


def _section(service: Service, configs: Mapping[str, EnvironmentConfig]) -> str:
    return "\n".join(
        [
            f"## {service.name}\n",
            f"{service.purpose}\n",
            table(("", ""), _facts(service)),
            table(("environment", "host name", "vCPU", "MiB", "tasks", "scales at"), _sizes(service, configs)),
        ]
    )


def _facts(service: Service) -> Iterator[tuple[str, str]]:
    name = service.name
    if service.github_repository is not None:
        folder = f", folder `{service.build_folder}`" if service.build_folder else ""
        yield "repository", f"`{service.github_repository}`{folder}"
    for container in service.containers:
        image = f"image `{container.repository}`" if container.repository else "a third party's image"
        ports = f", listens on {', '.join(map(str, container.ports))}" if container.ports else ""
        after = f", starts after {code(container.starts_after)}" if container.starts_after else ""
        yield f"container `{container.name}`", f"{image}{ports}{after}; {_stop(container.stop_timeout_seconds)}"
        yield f"health of `{container.name}`", _health(service, container.name)
    yield "reached through", _way_in(service)
    yield "stores", code(sorted(service.stores))
    schemas = [schema.name for schema in SCHEMAS if name in schema.used_by]
    yield "schemas", ", ".join(f"[`{each}`](schemas.md)" for each in schemas) or "none"
    yield "puts into", _queues(queue.name for queue in QUEUES if queue.producer == name)
    yield "takes from", _queues(queue.name for queue in QUEUES if queue.consumer == name)
    yield "calls", "; ".join(f"{_called(call.to)}: {call.purpose}" for call in service.calls) or "none documented"
    yield "is called by", "; ".join(_callers(name)) or "none documented"
    yield "variables", f"[environment.md](environment.md#{name})"
    secrets = dict.fromkeys(variable.secret for each in service.containers for variable in each.secrets)
    yield "secrets", "; ".join(f"`{secret}` ({owner_of(secret)})" for secret in secrets) or "none"
    yield "log", f"`{log_group_name(name)}`: [`zelly service logs {name}`](../reference/cli.md#zelly-service-logs)"


def _stop(seconds: int) -> str:
    return f"{seconds} s to stop"


def _health(service: Service, container: str) -> str:
    command = next(each.health_check for each in service.containers if each.name == container)
    ingress, asked = service.ingress, ""
    if ingress is not None and ingress.container == container:
        port = ingress.port if isinstance(ingress, HttpsIngress) else ingress.health_check_port
        asked = f"the balancer asks `{ingress.health_check_path}` on port {port}; "
    runs = f"runs `{command[-1]}`" if command else "has no check: it is healthy while it runs"
    return f"{asked}ECS {runs}"


def _queues(names: Iterator[str]) -> str:
    return ", ".join(f"[`{name}`](queues.md)" for name in names) or "no queue"


def _called(name: str) -> str:
    return name if any(name == each.name for each in THIRD_PARTIES) else link(name)


def _callers(name: str) -> Iterator[str]:
    for caller in (*SERVICES, *FRONTENDS, *THIRD_PARTIES):
        yield from (f"{_called(caller.name)}: {call.purpose}" for call in caller.calls if call.to == name)


def _sizes(service: Service, configs: Mapping[str, EnvironmentConfig]) -> Iterator[tuple[str, ...]]:
    for stack, config in configs.items():
        size = config.services[service.name]
        yield (
            stack,
            f"`{size.hostname}`" if size.hostname else "",
            f"{size.cpu_units / 1024:g}",
            str(size.memory_mib),
            f"{size.minimum_tasks} to {size.maximum_tasks}",
            f"{size.cpu_target_percent} % CPU" if size.cpu_target_percent else "never",
        )


def _frontends() -> Iterator[str]:
    for each in FRONTENDS:
        folder = f", folder `{each.folder}`" if each.folder else ""
        yield f"## {each.name}\n"
        yield f"{each.purpose} It is not deployed from here.\n"
        yield table(
            ("", ""),
            (
                ("technology", each.technology),
                ("runs on", each.runs_on),
                ("repository", f"`{each.repository}`{folder}"),
                ("calls", "; ".join(f"{_called(call.to)}: {call.purpose}" for call in each.calls) or "not documented"),
            ),
        )
