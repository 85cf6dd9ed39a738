"""The policy pack: ``pulumi preview --policy-pack policy``. The rules are ``zelly plan``'s own."""

from pathlib import Path

import pulumi_policy

from workbench.config.errors import Schemas
from workbench.engine.policy_pack import decode_once, policies
from workbench.review.rules.exceptions import EXCEPTIONS_FILE, read_exceptions
from workbench.review.rules.table import RULES
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import other_stacks

root = Path(__file__).parents[1]
exceptions = read_exceptions(
    root / EXCEPTIONS_FILE, known={rule.id for rule in RULES}, schemas=Schemas(PROGRAM.config_type())
)
values = {stack.name: stack.values for stack in other_stacks(root)}

decode_once()
# Serves the engine until that is done.
pulumi_policy.PolicyPack(
    "zelly", policies=policies(RULES, exceptions, values), enforcement_level=pulumi_policy.EnforcementLevel.MANDATORY
)
