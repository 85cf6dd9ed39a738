from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.search_host import SearchHost


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchHost]:
    """A host with a configuration, before its first run."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    host = SearchHost(tmp_path)
    yield host
    host.kill()
