"""The Pulumi program: the stack's config in, everything it describes made, its outputs exported."""

import pulumi

from relay_infra.load import load
from relay_infra.stack import build

for name, value in build(load()).items():
    pulumi.export(name, value)
