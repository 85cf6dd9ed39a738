"""The policy pack: ``pulumi preview --policy-pack policy``. The rules are ``zelly plan``'s own."""

from pathlib import Path

import pulumi_policy

from zelly_infra.engine.policy_pack import policies
from zelly_infra.review.rules.exceptions import EXCEPTIONS_FILE, read_exceptions
from zelly_infra.review.rules.table import RULES

exceptions = read_exceptions(Path(__file__).parents[1] / EXCEPTIONS_FILE, known={rule.id for rule in RULES})

# Serves the engine until that is done.
pulumi_policy.PolicyPack(
    "zelly", policies=policies(RULES, exceptions), enforcement_level=pulumi_policy.EnforcementLevel.MANDATORY
)
