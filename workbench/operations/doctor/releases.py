"""The checks of releases to hosts. Every check is a pure function of what was read."""

from collections.abc import Mapping, Sequence

from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.releases.answer import Answer
from workbench.operations.releases.reading import NoAnswer
from workbench.operations.releases.record import Entry
from workbench.words import command


def host_answers(where: Where, facts: Facts) -> Judgement:
    """Check that the document is there and the host takes it."""
    released = facts.released
    if released is None:
        return done("nothing is released to hosts")
    if failed := [fact for fact in (released.has_document, released.ping) if isinstance(fact, Unread)]:
        return unread(*failed)
    if not released.has_document or isinstance(released.ping, NoAnswer):
        nothing = "there is no document to ask the host with"
        return to_do(
            released.ping.why if isinstance(released.ping, NoAnswer) else nothing, then=where.provision_command
        )
    if released.ping != "Online":
        said = "has never been seen" if released.ping is None else f"is {released.ping}"
        return broken(
            f"Run Command: the host's agent {said}; no release reaches it",
            then=f"aws ssm describe-instance-information --region {where.description.region}",
        )
    return _taken(where, released.host)


def _taken(where: Where, host: Answer | NoAnswer | Unread) -> Judgement:
    if isinstance(host, NoAnswer):
        return broken(host.why, then=command("status", where.stack))
    return unread(host) if isinstance(host, Unread) else done("the host takes the release document")


def release_deployed(where: Where, facts: Facts) -> Judgement:
    """Check that every service has a release and is ready."""
    found = _answer(facts)
    if not isinstance(found, Answer):
        return found
    if not found.releases:
        return to_do("no service has a release", then=_deploys(where))
    missing = [f"{name}: not released" for name, state in found.services.items() if state.release is None]
    unready = [f"{name}: {state.state}" for name, state in found.unready.items()]
    if unready:
        first = next(iter(found.unready))
        return broken(*missing, *unready, then=command("logs", first, "--stack", where.stack))
    if missing:
        return to_do(*missing, then=_deploys(where))
    if found.unconfirmed_until is not None:
        return to_do(
            f"{found.release} waits to be confirmed until {found.unconfirmed_until}",
            then=command("rollback --stack", where.stack),
        )
    return done(f"all {len(found.services)} services are ready")


def record_true(where: Where, facts: Facts) -> Judgement:
    """Check that the record says what the host runs."""
    found = _answer(facts)
    if not isinstance(found, Answer):
        return found
    released = facts.released
    record: Sequence[Entry] | Unread = () if released is None else released.record
    if isinstance(record, Unread):
        return unread(record)
    if not record and not found.releases:
        return to_do("no service has a release", then=_deploys(where))
    wrong = _differences(found, record[-1] if record else None)
    if wrong:
        return broken(
            *wrong, then=command("deploy", next(iter(found.releases.values()), "RELEASE"), "--stack", where.stack)
        )
    return done("the record says what the host runs")


def _differences(found: Answer, entry: Entry | None) -> list[str]:
    recorded: Mapping[str, str] = dict[str, str]() if entry is None else entry.services
    return [
        f"{name}: the host runs {found.releases.get(name, 'nothing')}, the record says {recorded.get(name, 'nothing')}"
        for name in found.services
        if found.releases.get(name) != recorded.get(name)
    ]


def _answer(facts: Facts) -> Answer | Judgement:
    """Return what the host says, or the judgement that nothing can be judged without it."""
    released = facts.released
    if released is None:
        return done("nothing is released to hosts")
    if isinstance(released.host, Unread):
        return unread(released.host)
    if isinstance(released.host, NoAnswer):
        return to_do(released.host.why, then="the step that says that the host answers")
    return released.host


def _deploys(where: Where) -> str:
    if where.is_embedded:
        return command("sandbox release first --stack", where.stack)
    return command("deploy RELEASE --stack", where.stack)
