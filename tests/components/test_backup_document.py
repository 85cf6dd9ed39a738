import json
import re

import pytest

from workbench.evaluate import evaluate
from zelly_components.backup_document import PARAMETERS, BackupDocument, BackupDocumentArgs, document_content


def test_document_is_the_content_under_its_name() -> None:
    def program() -> None:
        BackupDocument("shop", BackupDocumentArgs(document_name="shop-backup"))

    evaluation = evaluate(program)
    document = evaluation.one("aws:ssm/document:Document").inputs
    assert (document["name"], document["documentType"]) == ("shop-backup", "Command")
    assert json.loads(document["content"]) == document_content()


def test_script_is_one_call_with_quoted_parameters() -> None:
    (step,) = document_content()["mainSteps"]
    assert step["inputs"]["runCommand"] == [
        "exec /usr/local/sbin/database-backup '{{ action }}' --backup '{{ backup }}' "
        "--into '{{ into }}' --environment '{{ environment }}'"
    ]


@pytest.mark.parametrize(
    ("parameter", "taken", "refused"),
    [
        (
            "backup",
            ["newest", "daily/shop-prod-20261130-020000.dump"],
            ["", "oldest", "../etc/passwd", "daily/shop'; reboot;-20261130-020000.dump", "daily/x.dump"],
        ),
        ("into", ["none", "shop_restored_1"], ["", "Shop", "shop; reboot", "shop-1"]),
        ("environment", ["production"], ["", "Production", "$(reboot)"]),
    ],
)
def test_parameters_take_what_is_meant_alone(parameter: str, taken: list[str], refused: list[str]) -> None:
    pattern = re.compile(PARAMETERS[parameter]["allowedPattern"])
    assert [bool(pattern.search(value)) for value in (*taken, *refused)] == [True] * len(taken) + [False] * len(refused)
