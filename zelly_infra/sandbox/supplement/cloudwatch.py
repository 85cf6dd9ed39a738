"""CloudWatch: the tags of deleted alarms, which moto keeps for the next one of the name."""

from typing import Any

from moto.backends import get_backend

from zelly_infra.sandbox.supplement.table import Call, Consequence, Forgotten, Missing


def _forget_tags(call: Call) -> None:
    backend: Any = get_backend("cloudwatch")[call.account_id][call.region]
    for name in call.parameters["AlarmNames"]:
        backend.tagger.delete_all_tags_for_resource(call.arn("cloudwatch", f"alarm:{name}"))


MISSING: tuple[Missing, ...] = ()
FORGOTTEN: tuple[Forgotten, ...] = ()
CONSEQUENCES: tuple[Consequence, ...] = (
    Consequence(service="cloudwatch", operation="DeleteAlarms", finish=_forget_tags),
)
