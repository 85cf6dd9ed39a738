"""The rooms of the mutation tester: each names what there is."""

import pytest

from tools.mutants.run import ROOMS, ROOT


@pytest.mark.parametrize("name", ROOMS)
def test_room_names_files_and_tests_that_exist(name: str) -> None:
    room = ROOMS[name]
    assert [pattern for pattern in room.files if not list(ROOT.glob(pattern))] == []
    assert [path for path in room.tests if not (ROOT / path).exists()] == []
