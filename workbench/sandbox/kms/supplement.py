"""KMS: the size of a key policy."""

from workbench.sandbox.server.limits import at_most, limited
from workbench.sandbox.server.table import Supplement
from zelly_components.limits import sizes as limits

_POLICY = at_most(limits.KEY_POLICY, "Policy", "LimitExceededException")

SUPPLEMENT = Supplement(limits=limited("kms", {"CreateKey": _POLICY, "PutKeyPolicy": _POLICY}))
