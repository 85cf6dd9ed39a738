"""Both stacks' live estates. Tests that change one make their own, with ``make_estate``."""

import pytest

from tests.adoption.estates import PRODUCTION, STAGING, Standing, standing


@pytest.fixture(scope="session")
def staging() -> Standing:
    """Staging's estate, in an embedded AWS."""
    return standing(STAGING)


@pytest.fixture(scope="session")
def production() -> Standing:
    """Production's estate, with the repositories and GitHub's trust, in an embedded AWS."""
    return standing(PRODUCTION)
