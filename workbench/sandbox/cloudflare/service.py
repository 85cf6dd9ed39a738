"""The sandbox's part of Cloudflare, which is answered without AWS."""

from workbench.sandbox.cloudflare import rows, zone
from workbench.sandbox.service import Service

CLOUDFLARE = Service(
    resources={**rows.RESOURCES, **zone.RESOURCES},
)
