"""``README.md`` of the folder: what runs, where it is reached, and whose each file is."""

from collections.abc import Iterator

from workbench.local_dev.compose import context
from workbench.local_dev.model import (
    COMPOSE_VERSION,
    ENGINE_VERSION,
    Application,
    LocalPlatform,
    Part,
    Store,
)

_BEGINNING = """\
# {title} on this machine

Needed: Docker {engine} or later with compose {compose} or later, and the repositories of the services beside this one.

```console
$ {name} dev doctor          # what is missing, each with its next command
$ {name} dev clone           # the repositories that are not there yet
$ {name} dev up              # values, certificates, images, then everything in order
$ {name} dev down            # stops it; the data stays
```

[docs/local-development.md](../docs/local-development.md) has the rest: one service outside of Docker, the databases,
what differs from AWS.

## Pages

| URL | answered by |
|---|---|
"""

_FILES = """\
## Files

Everything that is committed here is written by `{name} dev write` from the catalog of services and
`Pulumi.{stack}.yaml`, and a test compares: what is changed by hand is lost.

| file | |
|---|---|
| `compose.yaml` | every container |
| `compose.override.yaml` | not committed, yours: compose reads it after the other |
| `env/NAME.env.example` | every variable of a container, as its task definition has it |
| `env/NAME.env` | not committed, made by `{name} dev env`: the same with values, which stay until you change them |
| `certificates/` | not committed, made by `{name} dev certificates`: this machine's own authority, and what it signed |
"""


def readme(platform: LocalPlatform) -> str:
    """Return the file's text, without the line that says what writes it."""
    title = platform.title[:1].upper() + platform.title[1:]
    beginning = _BEGINNING.format(
        title=title, name=platform.name, engine=_version(ENGINE_VERSION), compose=_version(COMPOSE_VERSION)
    )
    pages = [f"| {url} | {name} |" for url, name in platform.urls]
    return "\n".join(
        (
            beginning + "\n".join(pages),
            *_containers(platform),
            *_order(platform),
            *_values(platform),
            _FILES.format(name=platform.name, stack=platform.stack),
        )
    )


def _version(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in numbers)


def _containers(platform: LocalPlatform) -> Iterator[str]:
    yield "\n## Containers\n"
    yield "| container | profile | ports on 127.0.0.1 | at most | |"
    yield "|---|---|---|---|---|"
    for part in platform.parts:
        profile = part.profile if isinstance(part, Application) else ""
        yield f"| {part.name} | {profile} | {_ports(part)} | {part.memory_mib} MiB | {_image(part)} |"
    memory = sum(part.memory_mib for part in platform.parts)
    yield f"\nStores have no profile: they always run. All containers at their most take {memory / 1024:.1f} GiB."
    yield ""


def _order(platform: LocalPlatform) -> Iterator[str]:
    yield "## Order\n"
    yield "Stores are healthy, then migrations end, then whoever uses their schemas starts, then the proxy.\n"
    yield "| schema | its tables are made by | used by |"
    yield "|---|---|---|"
    for schema in platform.schemas:
        owner = platform.application(schema.owner)
        users = ", ".join(each.name for each in platform.applications if schema.name in each.schemas)
        yield f"| `{schema.name}` | {owner.migration_name}: `{' '.join(owner.migration or ())}` | {users} |"
    yield ""


def _values(platform: LocalPlatform) -> Iterator[str]:
    yield "## Values\n"
    yield f"A container has its task definition's variables, with the values of {platform.stack}, but for these:\n"
    yield "| variables | |"
    yield "|---|---|"
    for reason, rule in platform.value_rules.items():
        names = dict.fromkeys(
            f"`{variable.name}`"
            for application in platform.applications
            for variable in application.environment
            if variable.reason == reason
        )
        yield f"| {', '.join(names)} | {rule} |"
    names = dict.fromkeys(f"`{each.name}`" for application in platform.applications for each in application.additions)
    yield f"\nThere is more than in AWS: {', '.join(names)}.\n"


def _ports(part: Part) -> str:
    return ", ".join(
        f"{port.published}" + ("" if port.published == port.container else f" (in the container {port.container})")
        for port in part.ports
    )


def _image(part: Part) -> str:
    match part:
        case Store(image=image):
            return f"`{image}`"
        case Application(build=None, image=image):
            return f"`{image}`"
        case Application(build=build) if build is not None:
            return f"built from `{context(build)}`"
        case _:
            return ""
