"""The Pulumi program: the stack's config in, everything it describes made, its outputs exported."""

import pulumi

from zelly_infra.load import load
from zelly_infra.stack import build

for name, value in build(load()).items():
    pulumi.export(name, value)
