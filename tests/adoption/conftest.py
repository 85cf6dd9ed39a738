"""The live estate, standing in an embedded AWS, and its Terraform state."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.adoption.estate import Options, make_estate
from workbench.sandbox.embedded import EmbeddedAws


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An estate that stands in an embedded AWS."""

    aws: EmbeddedAws
    options: Options
    state: dict[str, Any] = field(repr=False)
    """The Terraform state. Whoever changes it works on a copy."""


def _standing(options: Options) -> Iterator[Standing]:
    with EmbeddedAws.start() as aws:
        yield Standing(aws=aws, options=options, state=make_estate(aws.clients.get, options))


@pytest.fixture(scope="session")
def staging() -> Iterator[Standing]:
    """Staging's estate. What only reads its state takes ``tests.adoption.estates.state_of``."""
    yield from _standing(Options())


@pytest.fixture(scope="session")
def production() -> Iterator[Standing]:
    """Production's estate, with the repositories and GitHub's trust."""
    yield from _standing(Options(stack="production"))
