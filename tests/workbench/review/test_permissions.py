import pytest

from tests.zelly_infra.evaluations import evaluation_of
from workbench.documentation.permissions import BEGIN, DOCUMENT, END, Line, lines, render, written_into

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def test_document_says_what_the_policies_say() -> None:
    document = DOCUMENT.read_text()
    assert written_into(document) == document, "run python -m workbench.documentation.permissions"


def test_statements_name_things_as_operators_do() -> None:
    found = lines(evaluation_of("staging"))
    assert {line.cells for line in found if line.cells[0] == "`zelly-ENV-storefront-execution`"} == {
        ("`zelly-ENV-storefront-execution`", "`ecr:GetAuthorizationToken`", "`*`", ""),
        (
            "`zelly-ENV-storefront-execution`",
            "`ecr:BatchCheckLayerAvailability`<br>`ecr:BatchGetImage`<br>`ecr:GetDownloadUrlForLayer`",
            # Another stack's, looked up.
            "`repository zelly/astro-storefront`<br>`repository zelly/caddy`",
            "",
        ),
        (
            "`zelly-ENV-storefront-execution`",
            "`logs:CreateLogStream`<br>`logs:PutLogEvents`",
            "`log group /zelly/ecs/storefront:*`",
            "",
        ),
        (
            "`zelly-ENV-storefront-execution`",
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
