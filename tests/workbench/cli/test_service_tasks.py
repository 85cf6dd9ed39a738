"""Following ends when nobody reads what is shown, also while nothing is."""

import os
import sys

import pytest

from workbench.cli.shared.following import _check_that_somebody_reads  # pyright: ignore[reportPrivateUsage]


def test_reader_that_has_left_is_noticed_without_a_write(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        _check_that_somebody_reads()
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            _check_that_somebody_reads()
