"""What adopting begins with: the state, the rules of its security groups, the plan, and the pairs of all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.adopt.elsewhere import looked_up
from workbench.adopt.matches_file import file_name, read_confirmed
from workbench.adopt.matching import Confirmed, match
from workbench.adopt.model import Matching, TerraformState
from workbench.adopt.rules import HOW, check_listing, groups_to_list, read_rules, with_rules
from workbench.adopt.state import STANDARD_INPUT, check_place, missing_modules, read_state, summary
from workbench.adopt.translation import translated
from workbench.aws.ec2.security_groups import SecurityGroups
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError
from workbench.cli.plan.evaluation import AnyStackFile, planned, read_any_stack_file
from workbench.cli.shared.console import talk
from workbench.cli.shared.environment import open_environment
from workbench.config.stack_file import StackFile
from workbench.counting import counted
from workbench.errors import OperatorError
from workbench.evaluate import Evaluation
from workbench.review.plan_document import PlanDocument, document


@dataclass(frozen=True, kw_only=True)
class Read:
    """A state and a program, read and matched."""

    root: Path
    file: AnyStackFile
    state: TerraformState
    """With each rule of a security group as an instance of its own."""
    evaluation: Evaluation
    plan: PlanDocument
    confirmed: Sequence[Confirmed]
    matching: Matching

    @property
    def plain(self) -> Mapping[str, Mapping[str, Any]]:
        """The inputs with their secrets, by URN."""
        return {resource.urn: resource.plain_inputs for resource in self.evaluation.resources}

    @property
    def looked_up(self) -> Mapping[str, str]:
        """By name of what would be created, the data source that Terraform looks the same thing up as."""
        return looked_up(self.matching.program_only, self.state.data)


def read(
    source: str, file: AnyStackFile, root: Path, *, rules: Path | None, partial: bool, folder: Path | None
) -> Read:
    """Read and match; ``folder`` may hold what a person confirmed, beside the stack's own file.

    Raises:
        OperatorError: when the state can't be taken over, or is another program's.
    """
    name = "standard input" if source == STANDARD_INPUT else source
    state = read_state(source)
    talk(f"{name}: {summary(state)}")
    account = file.environment.aws_account_id if isinstance(file, StackFile) else None
    check_place(state, account=account, region=file.region, source=name)
    _check_modules(state, name, partial=partial)
    confirmed = _confirmed(file.stack, root, folder)
    found = _matched(_with_rules(state, file, rules), file, root, confirmed)
    if not found.matching.matched:
        raise OperatorError(f"{name}: nothing in it fits {file.stack}: a state of another program")
    return found


def again(found: Read) -> Read:
    """Match the same state with what the stack's files say by now."""
    return _matched(found.state, read_any_stack_file(found.file.stack, found.root), found.root, found.confirmed)


def _matched(state: TerraformState, file: AnyStackFile, root: Path, confirmed: Sequence[Confirmed]) -> Read:
    evaluation = planned(file, root)
    plan = document(evaluation, file.region)
    talk(f"{file.stack}: {counted(len(evaluation.resources), 'resource')}; matching")
    matching = match(plan, [translated(instance) for instance in state.managed], confirmed)
    return Read(
        root=root,
        file=file,
        state=state,
        evaluation=evaluation,
        plan=plan,
        confirmed=confirmed,
        matching=matching,
    )


def _check_modules(state: TerraformState, name: str, *, partial: bool) -> None:
    missing = missing_modules(state)
    if missing and not partial:
        module, address = next(iter(missing.items()))
        raise OperatorError(
            f"{name}: {module}: nothing of it is in the state, and {address} depends on it; --partial goes on without"
        )
    for module in missing:
        talk(f"{module}: nothing of it is in the state")


def _confirmed(stack: str, root: Path, folder: Path | None) -> Sequence[Confirmed]:
    found: dict[tuple[str, str], Confirmed] = {}
    for place in dict.fromkeys((root, folder)):
        if place is not None:
            for each in read_confirmed(place / file_name(stack)):
                found.setdefault((each.name, each.address), each)
    return list(found.values())


def _with_rules(state: TerraformState, file: AnyStackFile, path: Path | None) -> TerraformState:
    groups = groups_to_list(state)
    if path is not None:
        listing = read_rules(path)
        check_listing(groups, listing, source=str(path))
        return with_rules(state, listing)
    if not groups:
        return state
    talk(f"{counted(len(groups), 'security group')} with rules whose ids the state does not hold: asking AWS")
    try:
        aws = open_environment(file.stack).aws if isinstance(file, StackFile) else Connection(file.region)
        return with_rules(state, SecurityGroups(aws).rules(groups))
    except AwsError as error:
        raise OperatorError(*error.lines, f"without AWS: --rules FILE, with what `{HOW}` wrote") from None
