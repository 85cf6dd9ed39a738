"""The one table of rules. ``plan``, the tests and the policy pack read this, and nothing else."""

from collections.abc import Mapping

from workbench.review.rules import (
    balancers,
    compute,
    containers,
    database_instances,
    databases,
    identity,
    network,
    operations,
    program,
    storage,
)
from workbench.review.rules.model import Rule

SECTIONS: Mapping[str, tuple[Rule, ...]] = {
    "Network": network.RULES,
    "Hosts": compute.RULES,
    "Databases": (*databases.RULES, *database_instances.RULES),
    "Storage": storage.RULES,
    "Containers": containers.RULES,
    "Load balancers": balancers.RULES,
    "Identity": identity.RULES,
    "Operations": operations.RULES,
    "The program": program.RULES,
}

RULES: tuple[Rule, ...] = tuple(rule for rules in SECTIONS.values() for rule in rules)
