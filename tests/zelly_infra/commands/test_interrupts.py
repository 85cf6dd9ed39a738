"""Ctrl-C ends the commands that only Zelly has as it ends all others."""

import pytest

from tests.workbench.cli.test_interrupts import ended, interrupt_whoever_asks_for_the_project
from workbench.cli.main import all_commands
from zelly_infra.program import PROGRAM

REQUIRED = {
    "environment add": ("preproduction", "--from", "staging", "--region", "eu-west-1"),
    "service add": ("fastify-nova",),
    "vpn config": ("peer1",),
}
OWN = [
    f"{noun} {verb}"
    for noun, offered in PROGRAM.commands.items()
    for verb, one in offered.verbs.items()
    if one.module.startswith("zelly_infra.")
]


@pytest.mark.parametrize("words", OWN)
def test_ctrl_c_ends_it_with_130_and_one_line(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # What is loaded later would ask for the project after all.
    all_commands()
    interrupt_whoever_asks_for_the_project(monkeypatch)
    code, output, complaint = ended([*words.split(), *REQUIRED.get(words, ())], capsys)
    assert (code, output, complaint.startswith("Interrupted")) == (130, "", True)
