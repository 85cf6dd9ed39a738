"""Pakashop's contract with its tools (:mod:`workbench.program`).

Importing it imports no pydantic: an operating command starts without.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pakashop_infra import catalog, names
from workbench import program as contract
from workbench.program import Description, OtherStack, Program, Secrets, SecretVariable, StateNames, Unit
from workbench.stores import PostgresInstance, RedisHost, SearchHost
from workbench.words import Noun, Verb

if TYPE_CHECKING:
    from pakashop_infra.config import EnvironmentConfig


def _config_type() -> "type[EnvironmentConfig]":
    from pakashop_infra.config import EnvironmentConfig  # noqa: PLC0415

    return EnvironmentConfig


def _collisions(config: "EnvironmentConfig", other: OtherStack) -> Iterator[str]:
    from pakashop_infra.other_stacks import collisions  # noqa: PLC0415

    return collisions(config, other)


def _describe(config: "EnvironmentConfig") -> Description:
    from pakashop_infra.description import describe  # noqa: PLC0415

    return describe(config)


def _no_role(_config: "EnvironmentConfig") -> int:
    return 0


_WAVES = {name: number for number, wave in enumerate(catalog.waves(), start=1) for name in wave}


def _unit(service: catalog.Service) -> Unit:
    program_keys = [
        (catalog.SECRET_BY_STORE[store], key)
        for store in catalog.Store
        if store in service.stores
        for key in catalog.PROGRAM_SECRETS[catalog.SECRET_BY_STORE[store]]
    ]
    return Unit(
        name=service.name,
        unit=names.unit_name(service.name),
        port=service.port,
        language=service.language,
        wave=_WAVES[service.name],
        secrets=tuple(
            SecretVariable(name=key, secret=secret, key=key)
            for secret, key in (*program_keys, *((service.secret, key) for key in service.keys))
        ),
    )


PROGRAM: "contract.Program[EnvironmentConfig]" = Program(
    name=names.PLATFORM,
    title="the Pakashop platform",
    module=__name__,
    store_kinds=(PostgresInstance, RedisHost, SearchHost),
    services=(),
    units=tuple(map(_unit, catalog.SERVICES)),
    linked_services=("rds.amazonaws.com",),
    secrets=Secrets(
        prefix=f"{names.PLATFORM}/",
        application=catalog.APPLICATION_SECRETS,
        own=catalog.PROGRAM_SECRETS,
        hosts={catalog.REDIS_SERVER_SECRET: "redis", catalog.SEARCH_SERVER_SECRET: "search"},
    ),
    state=StateNames(bucket=names.STATE_BUCKET, key_alias=names.STATE_KEY_ALIAS),
    owner_flag=names.OWNER_FLAG,
    config_type=_config_type,
    check=lambda: None,
    collisions=_collisions,
    describe=_describe,
    role_characters=_no_role,
    promotion=("staging", "live"),
    commands={
        "search": Noun(
            "Look at Meilisearch, and bring it to another version.",
            {
                "upgrade": Verb(
                    "workbench.cli.search",
                    "Bring Meilisearch to the version that the stack file pins: beside what serves, compared, then "
                    "switched.",
                ),
                "status": Verb(
                    "workbench.cli.search",
                    "Tell which version of Meilisearch serves, with how many documents, and which databases lie beside "
                    "it.",
                ),
            },
        ),
    },
)
