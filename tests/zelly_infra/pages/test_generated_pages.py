"""The generated documentation says what the program, its configuration and its commands say now."""

import functools
import re
import subprocess
from collections.abc import Mapping

import pytest

from tests.support.programs import require_program
from tests.zelly_infra.stack_files import ROOT, environment_of
from workbench.documentation.pages import pages
from zelly_infra.config import EnvironmentConfig
from zelly_infra.config_stores import Aurora

GENERATED = (
    "docs/architecture.md",
    "docs/architecture/production.svg",
    "docs/architecture/staging.svg",
    "docs/permissions.md",
    "docs/platform/calls.md",
    "docs/platform/environment.md",
    "docs/platform/queues.md",
    "docs/platform/schemas.md",
    "docs/platform/services.md",
    "docs/policy.md",
    "docs/reference/cli.md",
    "docs/reference/config.md",
    "docs/review.md",
    "docs/runbooks.md",
    "docs/sandbox.md",
)


@functools.cache
def written() -> Mapping[str, str]:
    return {str(path.relative_to(ROOT)): text for path, text in pages().items()}


def rows_below(heading: str) -> dict[str, list[str]]:
    """Return the cells of the table below a heading of the configuration's reference, by key."""
    text = written()["docs/reference/config.md"]
    section = text.split(f"\n## `{heading}`\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


def test_all_generated_pages_are_known() -> None:
    assert sorted(written()) == sorted(GENERATED)


@pytest.mark.parametrize("name", GENERATED)
def test_page_is_not_stale(name: str) -> None:
    path = ROOT / name
    assert path.read_text(encoding="utf-8") == written()[name], "run make docs"


def test_configuration_says_what_is_allowed_means_and_differs() -> None:
    rows = rows_below("aurora")
    values = [environment_of(stack)["aurora"]["maximum_capacity_acu"] for stack in ("production", "staging")]
    assert rows["maximum_capacity_acu"] == [
        "ACUs from 0 to 256 in steps of 0.5",
        "",
        ", ".join(f"`{most}`" for most in values),
    ]
    assert rows["seconds_until_auto_pause"] == [
        "300 to 86400 seconds or null",
        "The time that the cluster idles before it pauses; null: it never does. Needs a minimum of 0 ACU.",
        "`null`, `300`",
    ]
    assert rows["allowed_cidrs"][2] == '`{}`, `{"office": "203.0.113.0/24"}`'
    assert list(rows) == list(Aurora.model_fields)


def test_configuration_tells_names_apart_that_a_file_gives() -> None:
    one, other = (environment_of(stack)["services"] for stack in ("production", "staging"))
    counts = {name: (one[name]["maximum_tasks"], other[name]["maximum_tasks"]) for name in one}
    differing = [f"{name}: `{most}`, `{least}`" for name, (most, least) in counts.items() if most != least]
    assert len(differing) > 1
    assert rows_below("services.NAME")["maximum_tasks"][2] == "<br>".join(differing)
    assert rows_below("bastion.peers.NAME")["public_key"][0].endswith("or null; may be left out")


def test_every_section_of_the_configuration_is_there() -> None:
    headings = re.findall(r"^## `(.+)`$", written()["docs/reference/config.md"], flags=re.MULTILINE)
    named = {heading.split(".")[0] for heading in headings if heading != "zelly:env"}
    top = set(rows_below("zelly:env"))
    assert named | top == set(EnvironmentConfig.model_fields)


def test_every_command_is_in_the_reference() -> None:
    text = written()["docs/reference/cli.md"]
    for command in ("plan", "diagram", "sandbox up", "sandbox down", "service list", "service scale"):
        assert re.search(rf"^#+ `zelly {command}`$", text, flags=re.MULTILINE), command
    assert "..." not in re.sub(r"^\$ zelly.*$|REF\.\.\.|\[[A-Z]+\]\.\.\.", "", text, flags=re.MULTILINE)


def test_architecture_tells_where_the_stacks_differ() -> None:
    text = written()["docs/architecture.md"]
    assert "| 203.0.113.0/24 | aurora | 3306 | staging |" in text.splitlines()
    assert "| fastify-nova | aurora | 3306 | both |" in text.splitlines()


def test_one_command_writes_them_all() -> None:
    make = require_program("make", package="make")
    # make says which folder it enters when another make has started the tests.
    command = [make, "--no-print-directory", "--dry-run", "docs"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    written = [line for line in shown.stdout.splitlines() if "-m workbench.documentation" in line]
    assert [written[0], *(line.partition(" do ")[0] for line in written[1:])] == [
        ".venv/bin/python -m workbench.documentation",
        "for project in programs/*/;",
    ]
