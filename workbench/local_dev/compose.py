"""``compose.yaml``: every container, in the order in which they start."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.local_dev.compose_parts import (
    LOGGING,
    Service,
    authority_mounts,
    command,
    environment_files,
    health_check,
    limits,
    mount,
    ports,
    volume,
)
from workbench.local_dev.compose_stores import RESTART, store_service, volumes_of
from workbench.local_dev.model import (
    AUTHORITY,
    CERTIFICATES,
    HOST,
    MOUNTED_AUTHORITY,
    Application,
    Build,
    LocalPlatform,
    Watch,
)
from workbench.local_dev.values import Known
from workbench.local_dev.yaml_text import Commented, OneLine, yaml_text

_SERVICE = re.compile(r"(?m)^(?:  # .*|volumes:|services:)$")
"""What an empty line stands before."""

_HEALTHY = {"condition": "service_healthy"}
_DONE = {"condition": "service_completed_successfully"}


def compose_file(platform: LocalPlatform) -> str:
    """Return the file's text, without the line that says what writes it."""
    services = {store.name: Commented(store_service(store), store.purpose) for store in platform.stores}
    for application in platform.applications:
        if application.migration is not None:
            services[application.migration_name] = Commented(
                _migration(platform, application),
                f"Makes the tables of {' and '.join(_owned(platform, application))}, and ends.",
            )
        services[application.name] = Commented(_application(platform, application), application.purpose)
    text = yaml_text(
        {
            "name": platform.name,
            "x-logging": LOGGING,
            "services": services,
            "volumes": {name: {} for name in _volumes(platform)},
        }
    )
    return _SERVICE.sub(r"\n\g<0>", text)


def _application(platform: LocalPlatform, application: Application) -> Service:
    watched = [_watched(application.build, watch) for watch in application.watched if application.build is not None]
    return {
        "profiles": OneLine(list(profiles(platform, application))),
        **_image(platform, application),
        "init": True,
        **_depends_on(_waits_for(platform, application)),
        **_environment(application),
        **ports(application),
        **_mounts(platform, application),
        **_extra_hosts(application),
        **_health(application),
        **({"develop": {"watch": watched}} if watched else {}),
        "restart": Commented(RESTART, application.not_checked) if application.health_check is None else RESTART,
        "stop_grace_period": f"{application.stop_grace_seconds}s",
        **limits(application),
    }


def _migration(platform: LocalPlatform, application: Application) -> Service:
    assert application.migration is not None  # noqa: S101 (its caller looked)
    return {
        "profiles": OneLine(list(profiles(platform, application))),
        **_image(platform, application),
        "init": True,
        "command": command(*application.migration),
        **_depends_on(dict.fromkeys(application.stores, _HEALTHY)),
        **_environment(application),
        **_mounts(platform, application),
        "restart": "no",
        **limits(application),
    }


def profiles(platform: LocalPlatform, application: Application) -> Iterator[str]:
    """Yield an application's profile, and those of the applications that wait for it: each works by itself."""
    yield application.profile
    waiting = {other.profile for other in platform.applications if application.name in other.starts_after}
    yield from sorted(waiting - {application.profile})


def _waits_for(platform: LocalPlatform, application: Application) -> Mapping[str, Mapping[str, str]]:
    migrations = {
        platform.application(schema.owner).migration_name: _DONE
        for schema in platform.schemas
        if schema.name in application.schemas and platform.application(schema.owner).migration is not None
    }
    return {
        **dict.fromkeys(application.stores, _HEALTHY),
        **migrations,
        **dict.fromkeys(application.starts_after, _HEALTHY),
    }


def _owned(platform: LocalPlatform, application: Application) -> list[str]:
    return [schema.name for schema in platform.schemas if schema.owner == application.name]


def _depends_on(conditions: Mapping[str, Mapping[str, str]]) -> Mapping[str, Any]:
    return {"depends_on": {name: OneLine(condition) for name, condition in conditions.items()}} if conditions else {}


def _image(platform: LocalPlatform, application: Application) -> Mapping[str, Any]:
    if application.build is None:
        chosen = {} if application.image_platform is None else {"platform": application.image_platform}
        return {"image": application.image, **chosen}
    # The migration builds the same: under one name it is one image.
    return {"image": f"{platform.name}-{application.name}:local", "build": {"context": context(application.build)}}


def context(build: Build) -> str:
    """Return the folder that an image is built from, from this one."""
    above = ".." if build.repository is None else f"../../{build.repository}"
    return f"{above}/{build.folder}" if build.folder else above


def _environment(application: Application) -> Mapping[str, Any]:
    values = {variable.name: _text(variable.value) for variable in application.additions}
    return {**environment_files(application), **({"environment": values} if values else {})}


def _text(value: object) -> str:
    # Anything else would be a secret, and this file is committed.
    assert isinstance(value, Known)  # noqa: S101
    return value.text


def _mounts(platform: LocalPlatform, application: Application) -> Mapping[str, Any]:
    mounts = [volume(f"{application.name}-data", application.data_path)] if application.data_path else []
    if application.name == platform.proxy.application:
        # Its internal authority signs with the same root, so that there is one to trust.
        key = f"{CERTIFICATES}/{AUTHORITY}.key"
        mounts += [mount("Caddyfile", platform.proxy.configuration), mount(key, f"/{key}")]
    return {"volumes": [*mounts, *authority_mounts((MOUNTED_AUTHORITY, *application.authorities))]}


def _extra_hosts(application: Application) -> Mapping[str, Any]:
    # Docker Desktop has the name anyway; Linux has it not.
    return {"extra_hosts": [f"{HOST}:host-gateway"]} if application.build is not None else {}


def _health(application: Application) -> Mapping[str, Any]:
    if application.health_check is None:
        return {}
    return {"healthcheck": health_check(application.health_check)}


def _watched(build: Build, watch: Watch) -> OneLine:
    path = f"{context(build)}/{watch.path}"
    if watch.target is None:
        return OneLine({"action": "rebuild", "path": path})
    return OneLine({"action": "sync+restart", "path": path, "target": watch.target})


def _volumes(platform: LocalPlatform) -> Iterator[str]:
    for store in platform.stores:
        yield from volumes_of(store)
    yield from (f"{application.name}-data" for application in platform.applications if application.data_path)
