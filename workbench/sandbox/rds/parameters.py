"""Parameters of RDS's groups, of clusters and of instances: set, and reset to the engine's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.batches import batches
from workbench.sandbox.making.making import Existing, Made

IMMEDIATE = "immediate"
"""The provider's default for when a parameter is applied, which no input has to give."""
_PARAMETERS_PER_CALL = 20
"""``ModifyDBParameterGroup`` and ``ModifyDBClusterParameterGroup`` take no more."""


@dataclass(frozen=True)
class ParameterCalls:
    """The calls for groups of one kind."""

    group: str
    """As operations name it, e.g. ``db_parameter_group``."""
    name: str
    """The input with the group's name."""

    def put(self, made: Made, parameters: Any) -> None:
        """Set parameters."""
        members = [
            {
                "ParameterName": parameter["name"],
                "ParameterValue": parameter["value"],
                "ApplyMethod": parameter.get("applyMethod", IMMEDIATE),
            }
            for parameter in parameters
        ]
        self._call(made, "modify", members)

    def change(self, existing: Existing, parameters: Any) -> None:
        """Set the parameters that are given now, and reset to the engine's own those that are not any more."""
        given: list[Mapping[str, Any]] = parameters or []
        kept = {parameter["name"] for parameter in given}
        gone = [
            {"ParameterName": parameter["name"], "ApplyMethod": parameter.get("applyMethod", IMMEDIATE)}
            for parameter in existing.old_inputs.get("parameters", [])
            if parameter["name"] not in kept
        ]
        self._call(existing, "reset", gone)
        self.put(existing, given)

    def _call(self, made: Made, verb: str, members: list[dict[str, Any]]) -> None:
        for batch in batches(members, _PARAMETERS_PER_CALL):
            made.call(f"{verb}_{self.group}", **{self.name: made.id}, Parameters=batch)
