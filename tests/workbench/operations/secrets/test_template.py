"""The file to fill."""

from sample_infra.program import PROGRAM
from workbench.operations.secrets.template import template, template_text


def test_template_has_every_key_with_its_readers_in_one_column() -> None:
    text = template_text(PROGRAM, "staging")
    for secret, keys in PROGRAM.secrets.application.items():
        block = text.split(f"\n\n{secret}:\n", 1)[1].split("\n\n", 1)[0].splitlines()
        assert [line.split(":")[0].strip() for line in block] == list(keys)
        assert len({line.index("  # read by ") for line in block}) == 1
        longest = max(keys, key=len)
        assert f'  {longest}: ""  # read by ' in text
    assert all(value == "" for keys in template(PROGRAM).values() for value in keys.values())
