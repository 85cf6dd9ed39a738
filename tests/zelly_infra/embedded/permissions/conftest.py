"""The account with both environments in it, made once."""

import pytest

from tests.zelly_infra.embedded.environment import Environment
from tests.zelly_infra.embedded.permissions.account import Account, Place


@pytest.fixture(scope="session")
def account(environments: dict[str, Environment]) -> Account:
    return Account.of(environments)


@pytest.fixture(scope="session")
def places(production: Environment, staging: Environment) -> tuple[tuple[Place, Place], ...]:
    """Each environment, and the other one beside it."""
    first, second = Place(production), Place(staging)
    return (first, second), (second, first)
