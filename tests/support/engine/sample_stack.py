"""A stack of the sample program on the real engine."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sample_infra.program import PROGRAM
from tests.support import sample
from tests.support.engine.running import quick
from tests.support.engine.stacks import Stack
from workbench.engine.pulumi_cli import Engine, engine_session
from workbench.sandbox.prerequisites import prerequisites


@contextmanager
def sample_stack(name: str, engine: Engine, folder: Path) -> Generator[Stack]:
    """Make a stack known to the engine, and what it looks up to an embedded AWS of its own."""
    with pytest.MonkeyPatch.context() as patch:
        # The language host finds the program's package as this process does.
        patch.setenv("PYTHONPATH", str(sample.FOLDER), prepend=os.pathsep)
        with engine_session(sample.FOLDER, folder, engine=quick(engine, folder)) as session:
            shared = sample.read_stack_file(name).description.shared
            if name != sample.OWNER:
                prerequisites(
                    session.aws.clients,
                    repository_names=shared.repositories,
                    registry_region=shared.registry_region,
                    provider_url=shared.provider_url,
                    role_name=shared.role_name,
                )
            stack = Stack(
                name=name,
                session=session,
                project=PROGRAM.name,
                config_key=PROGRAM.config_key,
                region=sample.REGIONS[name],
            )
            stack.initialize()
            yield stack
