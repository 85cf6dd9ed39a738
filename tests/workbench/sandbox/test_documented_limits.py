import pytest

from workbench.documentation.sandbox_limits import (
    BEGIN,
    END,
    deleted_with,
    dropped,
    imported_by,
    not_emulated,
    of_unknown_replacement,
    unread,
    written_into,
)
from workbench.providers.replacement import rules
from workbench.sandbox.services import RESOURCES


def test_lists_hold_each_limit_under_its_resource_type() -> None:
    assert "- `ecs.TaskDefinition`: A task definition's roles and volumes are not looked up." in not_emulated()
    assert "- `s3.Bucket.forceDestroy`: only says what a deletion does first" in dropped()
    assert "- `ec2.DefaultSecurityGroup`: the VPC" in deleted_with()
    assert "- `ecs.Service`: `{cluster}/{name}`" in imported_by()
    assert "- `acm.CertificateValidation`: cannot be imported" in unread()
    assert "- `sns.Topic.policy`: stays as it was made" in unread()


def test_types_of_unknown_replacement_are_listed_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of_unknown_replacement() == []
    known = {token: rule for token, rule in rules().items() if token != "aws:sns/topic:Topic"}
    monkeypatch.setattr("workbench.documentation.sandbox_limits.rules", lambda: known)
    assert of_unknown_replacement() == [
        "Types of which it is not known what replaces them: every change that the table cannot carry out does.",
        "",
        "- `sns.Topic`",
        "",
    ]


def test_every_type_is_deleted_or_goes_with_something() -> None:
    assert [token for token, row in RESOURCES.items() if (row.delete is None) == (row.deleted_with is None)] == []


def test_only_what_stands_between_the_markers_is_written() -> None:
    written = written_into(f"before\n{BEGIN}\nfrom an earlier time\n{END}\nafter\n")
    assert (
        written.startswith(f"before\n{BEGIN}\n"),
        written.endswith(f"{END}\nafter\n"),
        "from an earlier time" in written,
    ) == (
        True,
        True,
        False,
    )


def test_document_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"docs/sandbox\.md: needs the two marker lines"):
        written_into("no marker")
