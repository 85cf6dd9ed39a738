"""Dates in stack files: Pulumi's reader and ours take them alike only in quotes."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.support import sample
from workbench.config.errors import parse_config
from workbench.config.stack_file import read_stack_file
from workbench.errors import OperatorError


class _Certificate(BaseModel):
    valid_from: date


def test_date_without_quotes_is_refused_where_it_stands(tmp_path: Path) -> None:
    text = (sample.FOLDER / "Pulumi.live.yaml").read_text()
    changed = text.replace("deletion_protection: true", "deletion_protection: [{since: 2026-11-30}]")
    assert changed != text
    (tmp_path / "Pulumi.live.yaml").write_text(changed)
    with pytest.raises(OperatorError) as caught:
        read_stack_file(sample.PROGRAM, "live", tmp_path)
    assert caught.value.lines == (
        'Pulumi.live.yaml: sample:env.deletion_protection.since: came 2026-11-30 without quotes; "2026-11-30" is '
        "required",
    )


def test_what_is_no_date_is_told_with_what_is() -> None:
    with pytest.raises(OperatorError) as caught:
        parse_config(_Certificate, '{"valid_from": "soon"}', key="shop:env", source="Pulumi.live.yaml")
    assert caught.value.lines == (
        'Pulumi.live.yaml: shop:env.valid_from: came "soon"; allowed: a date in quotes, e.g. "2026-11-30"',
    )
