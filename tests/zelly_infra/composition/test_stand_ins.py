"""Texts that stand for keys of the VPN, which nobody knows before they are made: no plan shows what is made of them."""

import base64
import hashlib

import pytest

from tests.zelly_infra.evaluations import STACKS, evaluation_of, evaluation_with
from workbench.evaluate import symbolic
from workbench.review.plan_document import document


@pytest.mark.parametrize("stack", STACKS)
def test_another_stand_in_changes_nothing_in_a_plan(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the program makes of one: a text that got into the plan would be another one."""

    def other(name: str) -> str:
        return base64.b64encode(hashlib.sha256(f"other {name}".encode()).digest()).decode()

    usual = document(evaluation_of(stack), "anywhere").as_json()
    monkeypatch.setattr(symbolic, "key_stand_in", other)
    assert document(evaluation_with(stack, {}), "anywhere").as_json() == usual
