"""Systems Manager: the size of a parameter's value, which depends on its tier; and Run Command."""

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.table import Call, Supplement
from workbench.sandbox.ssm.host.commands import MISSING
from zelly_components.limits import sizes as limits


def _check_value(call: Call) -> None:
    tier = call.parameters.get("Tier", "Standard")
    limit = limits.STANDARD_PARAMETER if tier == "Standard" else limits.ADVANCED_PARAMETER
    at_most(limit, "Value", "ValidationException")(call)


SUPPLEMENT = Supplement(missing=MISSING, limits=limited("ssm", {"PutParameter": _check_value}))
