import pytest

from tests.support import sample
from workbench.documentation.permissions import BEGIN, END, Line, lines, render, written_into

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def test_statements_name_things_as_operators_do() -> None:
    # The repositories are another stack's, looked up.
    found = lines(sample.evaluation_of(sample.OTHER))
    role = "`sample-ENV-web-execution`"
    assert {line.cells[1:] for line in found if line.cells[0] == role} == {
        ("`ecr:GetAuthorizationToken`", "`*`", ""),
        (
            "`ecr:BatchCheckLayerAvailability`<br>`ecr:BatchGetImage`<br>`ecr:GetDownloadUrlForLayer`",
            "`repository sample/app`<br>`repository sample/proxy`",
            "",
        ),
        ("`logs:CreateLogStream`<br>`logs:PutLogEvents`", "`log group /sample/ecs/web:*`", ""),
        ("`secretsmanager:GetSecretValue`", "`secret sample/aurora/login`<br>`secret sample/web/env`", ""),
        (
            "`ecs-tasks.amazonaws.com`",
            "ArnLike `aws:SourceArn`: `arn:aws:ecs:REGION:123456789012:*`<br>"
            "StringEquals `aws:SourceAccount`: `123456789012`",
        ),
    }


def test_line_says_which_stacks_it_is_of() -> None:
    shared = Line(table=ROLE_POLICY, cells=("`shop`", "`s3:GetObject`", "`*`", ""))
    own = Line(table=ROLE_POLICY, cells=("`shop`", "`s3:PutObject`", "`*`", ""))
    rendered = render({"production": {shared, own}, "staging": {shared}})
    assert "| `shop` | `s3:GetObject` | `*` |  | both |\n| `shop` | `s3:PutObject` | `*` |  | production |" in rendered


def test_only_what_stands_between_the_markers_is_written() -> None:
    written = written_into(f"before\n{BEGIN}\nfrom an earlier time\n{END}\nafter\n")
    assert written.startswith(f"before\n{BEGIN}\n")
    assert written.endswith(f"{END}\nafter\n")
    assert "from an earlier time" not in written


def test_document_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"docs/permissions\.md: needs the two marker lines"):
        written_into("no marker")
