"""Zelly's stacks on the real engine."""

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support.engine.stacks import Stack
from tests.support.new_service import NAME as NEW_SERVICE
from tests.support.new_service import copy_of_packages
from tests.zelly_infra.stack_files import environment_of
from workbench.engine.pulumi_cli import EngineSession
from workbench.sandbox.prerequisites import prerequisites
from zelly_infra import catalog
from zelly_infra.program import PROGRAM


def prepared(name: str, session: EngineSession) -> Stack:
    """Make a stack known to the engine, and what it looks up to the embedded AWS."""
    environment = environment_of(name)
    if not environment["registry"]["create"]:
        prerequisites(
            session.aws.clients,
            repository_names=catalog.REPOSITORIES,
            registry_region=environment["registry"]["region"],
            provider_url="https://token.actions.githubusercontent.com",
            role_name=environment["github"]["role_name"],
        )
    stack = Stack(
        name=name, session=session, project=PROGRAM.name, config_key=PROGRAM.config_key, region=environment["region"]
    )
    stack.initialize()
    return stack


@contextmanager
def with_new_service(stack: Stack) -> Generator[tuple[str, Mapping[str, Any]]]:
    """Let the program have one more service in its catalog; yield its host name, and what the stack file gets of it."""
    project = stack.session.folder
    # Beside the entry point they are found before the installed ones.
    packages = copy_of_packages(project)
    like = environment_of(stack.name)["services"]["customer-panel"]
    hostname = like["hostname"].replace("account", NEW_SERVICE)
    try:
        yield hostname, {f"services/{NEW_SERVICE}": {**like, "hostname": hostname}}
    finally:
        for package in packages:
            shutil.rmtree(package)
