"""The lists of what AWS takes are those of the botocore and the moto that are installed."""

import json
from typing import Any

from tools.allowed_values import lists
from zelly_components.limits.allowed_values import FILE, LOG_RETENTION_DAYS, AllowedValues


def test_file_is_what_is_read_off_the_models() -> None:
    document: Any = json.loads(FILE.read_text(encoding="utf-8"))
    assert document["lists"] == json.loads(json.dumps(lists()))


def test_number_between_two_is_answered_with_both() -> None:
    answers = {days: LOG_RETENTION_DAYS.instead_of(days) for days in (0, 30, 31, 4000)}
    noun = "a number of days that CloudWatch Logs knows such as"
    assert answers == {0: f"{noun} 1", 30: None, 31: f"{noun} 30 or 60", 4000: f"{noun} 3653"}


def test_every_list_has_values_of_one_kind_and_takes_its_own_example() -> None:
    from zelly_components.limits import allowed_values  # noqa: PLC0415 (every list of the module, whatever it is called)

    known = [value for value in vars(allowed_values).values() if isinstance(value, AllowedValues)]
    assert {each.key for each in known} == set(json.loads(FILE.read_text(encoding="utf-8"))["lists"])
    assert [each.key for each in known if each.instead_of(each.example) is not None] == []
