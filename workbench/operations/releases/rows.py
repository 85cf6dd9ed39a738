"""The rows of services under systemd on the status screen. Pure functions."""

from collections.abc import Sequence

from workbench.operations.readings import Unread
from workbench.operations.releases.answer import Answer, UnitState
from workbench.operations.releases.reading import NoAnswer
from workbench.operations.status.screen import Row, State
from workbench.words import command

SECTION = "Services"


def release_rows(names: Sequence[str], found: Answer | NoAnswer | Unread, stack: str) -> list[Row]:
    """Return a row for all services that are as most are, and one for each that is not.

    A release that waits to be confirmed has a row of its own.
    """
    if isinstance(found, Unread):
        return [Row(section=SECTION, name="all", state=State.UNREAD, what=found.why, unread=found)]
    if isinstance(found, NoAnswer):
        return [Row(section=SECTION, name="all", state=State.BROKEN, what=found.why)]
    if not found.releases:
        nothing = f"nothing is released yet; `{command('deploy RELEASE --stack', stack)}` does"
        return [Row(section=SECTION, name="all", state=State.BROKEN, what=nothing)]
    main = _main(found)
    others = [name for name in names if not _is_usual(found.services.get(name), main)]
    usual = [name for name in names if name not in others]
    rows = [_row(name, found.services.get(name)) for name in others]
    if found.unconfirmed_until is not None:
        rows.append(
            Row(
                section=SECTION,
                name="release",
                state=State.CHANGING,
                what=f"{found.release} waits to be confirmed; the host takes it back at {found.unconfirmed_until}",
                details={"release": found.release, "unconfirmed_until": found.unconfirmed_until},
            )
        )
    if usual:
        name = f"all {len(usual)}" if not others else f"{len(usual)} others"
        details = {"release": main, "services": usual}
        rows.append(Row(section=SECTION, name=name, state=State.WELL, what=f"ready, release {main}", details=details))
    return rows


def _main(found: Answer) -> str:
    releases = [*found.releases.values()]
    return max(dict.fromkeys(releases), key=releases.count)


def _is_usual(state: UnitState | None, main: str) -> bool:
    return state is not None and state.is_ready and state.release == main and not state.restarts


def _row(name: str, state: UnitState | None) -> Row:
    if state is None or state.release is None:
        return Row(section=SECTION, name=name, state=State.BROKEN, what="not released", details={"release": None})
    restarts = f", started anew {state.restarts} times by systemd" if state.restarts else ""
    return Row(
        section=SECTION,
        name=name,
        state=State.WELL if state.is_ready else State.BROKEN,
        what=f"{state.state}, release {state.release}{restarts}",
        details={"release": state.release, "state": state.state, "restarts": state.restarts},
    )
