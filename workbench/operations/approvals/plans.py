"""The plans of the commands on approvals: what is asked for, given or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.errors import OperatorError
from workbench.operations.approvals import transitions
from workbench.operations.approvals.record import Approval, Record, called, whose
from workbench.operations.approvals.transitions import Wish
from workbench.operations.approvals.use import Approvals
from workbench.operations.deploys.promote import healthy_images, tags_of
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.times import utc


@dataclass(frozen=True, kw_only=True)
class ApprovalPlan:
    """The entry that a command is going to write."""

    approvals: Approvals
    record: Record
    entry: Approval | None
    """None: the record says already what the command wants."""

    @property
    def approval(self) -> Approval:
        """The approval as it will stand."""
        found = self.entry or self.record.current
        assert found is not None  # noqa: S101 (what is there already is the newest entry)
        return found

    def lines(self) -> list[str]:
        """Return the plan as lines."""
        found, name = self.approval, self.approvals.subject.name
        again = "" if self.entry is not None else ", as it was before"
        lines = [f"{name}: {called(found)} is {found.state} {whose(found)}, until {utc(found.expires_at)}{again}."]
        return [*lines, *(f"  {container}: {image}" for container, image in found.images.items())]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a JSON object."""
        subject = self.approvals.subject
        return {
            "stack": subject.stack,
            "from": subject.source,
            "service": subject.service,
            "changes": self.entry is not None,
            "approval": self.approval.document(),
        }

    def execute(self) -> None:
        """Write the entry.

        Raises:
            OperatorError: when somebody else wrote one since the plan was made.
        """
        if self.entry is not None:
            self.approvals.write(self.record, self.entry)


def plan_ask(
    source: Deployable,
    approvals: Approvals,
    *,
    source_aws: RolloutAws,
    balancers: ElasticLoadBalancing,
    commit: str | None,
    build: str | None,
    minutes: int | None,
    by: str,
) -> ApprovalPlan:
    """Plan to ask for an approval of what is healthy in the source now. ``commit`` is what it is expected to be.

    Raises:
        OperatorError: when it is not healthy, is another commit's, or may not wait so long.
    """
    longest = approvals.longest_wait_minutes
    if minutes is not None and not 1 <= minutes <= longest:
        raise OperatorError(f"--minutes: came {minutes}; allowed for {approvals.subject.stack}: 1 to {longest}")
    healthy = healthy_images(source, source_aws, balancers)
    first = next(iter(source.repositories))
    wish = Wish(
        images={container: source.reference(container, digest=image.digest) for container, image in healthy.items()},
        commit=_commit(source, tags_of(source, healthy[first]), commit),
        build=build,
        by=by,
        minutes=longest if minutes is None else minutes,
    )
    record = approvals.read()
    return ApprovalPlan(
        approvals=approvals,
        record=record,
        entry=transitions.asked(record, approvals.subject, wish, approvals.now()),
    )


def plan_give(approvals: Approvals, *, commit: str, by: str) -> ApprovalPlan:
    """Plan to approve what waits.

    Raises:
        OperatorError: when nothing waits, or another commit does.
    """
    record = approvals.read()
    entry = transitions.given(record, approvals.subject, commit=commit, by=by, now=approvals.now())
    return ApprovalPlan(approvals=approvals, record=record, entry=entry)


def plan_refuse(approvals: Approvals, *, commit: str, by: str, reason: str | None) -> ApprovalPlan:
    """Plan to refuse what waits, or to take back what was approved and not used.

    Raises:
        OperatorError: when there is neither, or it is another commit's.
    """
    record = approvals.read()
    entry = transitions.refused(record, approvals.subject, commit=commit, by=by, reason=reason, now=approvals.now())
    return ApprovalPlan(approvals=approvals, record=record, entry=entry)


def _commit(source: Deployable, tags: tuple[str, ...], expected: str | None) -> str:
    """Return the commit that an image's tags name."""
    commits = [tag.removeprefix(f"{source.tag_prefix}-") for tag in tags]
    if expected is None:
        return commits[0]
    found = next((commit for commit in commits if transitions.is_commit(commit, expected)), None)
    if found is None:
        raise OperatorError(
            f"{source.name} runs {', '.join(commits)}, not {expected}, which was overtaken or rolled back; "
            "nothing is asked for"
        )
    return found
