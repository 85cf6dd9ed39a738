"""Small architectures drawn exactly as in the expected files."""

import pytest

from tests.workbench.review.picture.pictures import EXPECTED, drawn

DRAWN = drawn()


@pytest.mark.parametrize("file", sorted({*DRAWN, *(path.name for path in EXPECTED.iterdir())}))
def test_picture_is_as_expected(file: str) -> None:
    """``python -m tests.workbench.review.picture.pictures`` writes them anew, after a change that is meant."""
    assert DRAWN[file].splitlines() == (EXPECTED / file).read_text(encoding="utf-8").splitlines()
