"""The file in which a person confirms pairs."""

from pathlib import Path

import pytest

from tests.workbench.adopt.plans import matched, planned, proofs
from tests.workbench.adopt.shop import ROLE
from tests.workbench.adopt.states import resource
from workbench.adopt.matches_file import file_name, matches_text, read_confirmed
from workbench.errors import OperatorError

_ROLES = [planned(ROLE, f"shop-live-{name}@example.org-role", {}) for name in ("api", "web")]
_STATE = [
    resource("module.a.aws_iam_role.api", {"id": "api-1", "name": "api-1"}),
    resource("module.b.aws_iam_role.web", {"id": "w", "name": "w"}),
]


def test_suggestions_are_comments_and_what_is_confirmed_stays(tmp_path: Path) -> None:
    path = tmp_path / file_name("live")
    assert read_confirmed(path) == ()
    suggested = matched(_ROLES, _STATE)
    path.write_text(matches_text(suggested, ()))
    assert read_confirmed(path) == ()
    lines = path.read_text().splitlines()
    position = lines.index("# shop-live-web@example.org-role: module.b.aws_iam_role.web")
    lines[position] = lines[position].removeprefix("# ")
    path.write_text("\n".join(lines))
    confirmed = read_confirmed(path)
    assert [(each.name, each.address, each.where) for each in confirmed] == [
        ("shop-live-web@example.org-role", "module.b.aws_iam_role.web", f"matches.live.yaml:{position + 1}")
    ]
    decided = matched(_ROLES, _STATE, confirmed=confirmed)
    assert proofs(decided) == {"shop-live-web@example.org-role": f"confirmed in matches.live.yaml:{position + 1}"}
    path.write_text(matches_text(decided, confirmed))
    assert [(each.name, each.address) for each in read_confirmed(path)] == [(confirmed[0].name, confirmed[0].address)]
    assert "# shop-live-api@example.org-role: module.a.aws_iam_role.api" in path.read_text()


def test_names_that_yaml_would_read_otherwise_come_back(tmp_path: Path) -> None:
    strange = planned(ROLE, "@it's: a #role", {})
    state = [{**resource("aws_iam_role.api", {}), "instances": [{"index_key": "a: #b", "attributes": {"name": "x"}}]}]
    path = tmp_path / file_name("live")
    path.write_text("\n".join(["'@it''s: a #role': 'aws_iam_role.api[\"a: #b\"]'"]))
    confirmed = read_confirmed(path)
    path.write_text(matches_text(matched([strange], state, confirmed=confirmed), confirmed))
    assert [(each.name, each.address) for each in read_confirmed(path)] == [
        ("@it's: a #role", 'aws_iam_role.api["a: #b"]')
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "matches.live.yaml:1: no mapping; lines of `name: address` are required"),
        ("# x\na: 3\n", "matches.live.yaml:2: a: an address of Terraform's is required, as text"),
        ("a: b\na: c\n", "matches.live.yaml:2: not YAML: found duplicate key"),
        ("a: b\nc: [\n", "matches.live.yaml:3: not YAML: "),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / file_name("live")
    path.write_text(text)
    with pytest.raises(OperatorError) as raised:
        read_confirmed(path)
    assert str(raised.value).startswith(words)
    assert "\n" not in str(raised.value)
