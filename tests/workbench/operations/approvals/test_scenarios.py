"""Approvals as scenarios: what happens one after the other, and the line and the states that are left."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.workbench.operations.approvals.recorded import (
    ANN,
    BOB,
    FIRST,
    SECOND,
    SUBJECT,
    Clock,
    Store,
    approvals,
    wish,
)
from tests.workbench.operations.failing import failed, failure, interrupted, refused
from tests.workbench.operations.shop import images
from workbench.aws.shared.errors import Reason
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError
from workbench.operations.approvals import transitions
from workbench.operations.approvals.record import State
from workbench.operations.approvals.transitions import Wish
from workbench.operations.approvals.use import plan_use, using


@dataclass
class Story:
    """One service's approvals, and what is done with them."""

    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=Clock)
    is_rolled_out: bool = False

    def ask(self, wanted: Wish | None = None) -> None:
        mine = approvals(self.store, self.clock)
        record = mine.read()
        entry = transitions.asked(record, SUBJECT, wanted or wish(), self.clock.now())
        if entry is not None:
            mine.write(record, entry)

    def ask_newer(self) -> None:
        self.ask(wish(SECOND, "b1", "build/2"))

    def give(self, commit: str = FIRST, by: str = "bob") -> None:
        mine = approvals(self.store, self.clock)
        record = mine.read()
        entry = transitions.given(record, SUBJECT, commit=commit, by=by, now=self.clock.now())
        if entry is not None:
            mine.write(record, entry)

    def refuse(self, commit: str = FIRST) -> None:
        mine = approvals(self.store, self.clock)
        record = mine.read()
        entry = transitions.refused(record, SUBJECT, commit=commit, by="bob", reason="too red", now=self.clock.now())
        mine.write(record, entry)

    def promote(
        self, pair: str = "a1", commit: str | None = None, fails: OperatorError | None = None, began: bool = True
    ) -> None:
        """Promote; ``began`` is whether anything was rolled out before it failed."""
        mine = approvals(self.store, self.clock)
        use = plan_use(mine, {"api": images(pair)["api"]}, commit)
        with using(use, by=BOB, seconds=600, began=lambda: began):
            self.is_rolled_out = True
            if fails is not None:
                raise fails

    def wait(self, minutes: float) -> None:
        self.clock.minutes += minutes

    @property
    def state(self) -> State:
        current = approvals(self.store, self.clock).read().current
        assert current is not None
        return current.state_at(self.clock.now())


Step = Callable[[Story], None]
ASK: Step = Story.ask
ASK_NEWER: Step = Story.ask_newer
GIVE: Step = Story.give
REFUSE: Step = Story.refuse
PROMOTE: Step = Story.promote


def wait(minutes: float) -> Step:
    return lambda story: story.wait(minutes)


def promote_at_once(story: Story) -> None:
    """Promote, and let another promotion claim the approval between this one's reading and its writing."""
    story.store.meanwhile.append(lambda: Story(store=story.store, clock=story.clock).promote())
    story.promote()


def ask_at_once(story: Story) -> None:
    story.store.meanwhile.append(lambda: Story(store=story.store, clock=story.clock).ask_newer())
    story.ask()


def claim(story: Story) -> None:
    """Begin a promotion that says nothing more."""
    mine = approvals(story.store, story.clock)
    record = mine.read()
    assert record.current is not None
    mine.write(record, transitions.claimed(record.current, by=BOB, now=story.clock.now(), seconds=600))


ONE, TWO = f"{FIRST[:12]} of build/1", f"{SECOND[:12]} of build/2"
LEFT = "shop-api is left as it is: "
ANEW = "`zelly approval ask api` asks anew"

SCENARIOS: dict[str, tuple[list[Step], str, State | None, list[str]]] = {
    "nobody asked": ([PROMOTE], f"{LEFT}nobody asked for an approval; `zelly approval ask api` does", None, []),
    "nobody decided yet": (
        [ASK, PROMOTE],
        f"{LEFT}{ONE} waits for an approval until 2026-05-04T13:00:00Z; "
        f"`zelly approval give api --commit {FIRST[:12]}` gives it",
        State.ASKED,
        ["asked"],
    ),
    "an approval times out": (
        [ASK, wait(60), GIVE],
        f"shop-api: {ONE} waited for an approval until 2026-05-04T13:00:00Z, and nobody gave it; its state is left so",
        State.EXPIRED,
        ["asked"],
    ),
    "a promotion comes too late": (
        [ASK, GIVE, wait(60), PROMOTE],
        f"{LEFT}{ONE} was approved by bob at 2026-05-04T12:00:00Z, good until 2026-05-04T13:00:00Z; {ANEW}",
        State.EXPIRED,
        ["asked", "approved"],
    ),
    "refused": (
        [ASK, REFUSE, PROMOTE],
        f"{LEFT}{ONE} was refused by bob at 2026-05-04T12:00:00Z (too red); {ANEW}",
        State.REFUSED,
        ["asked", "refused"],
    ),
    "taken back": (
        [ASK, GIVE, REFUSE, PROMOTE],
        f"{LEFT}{ONE} was refused by bob at 2026-05-04T12:00:00Z (too red); {ANEW}",
        State.REFUSED,
        ["asked", "approved", "refused"],
    ),
    "given by another one already": (
        [ASK, GIVE, lambda story: story.give(by="mia")],
        f"shop-api: {ONE} is approved by bob at 2026-05-04T12:00:00Z, good until 2026-05-04T13:00:00Z; its state is "
        "left so",
        State.APPROVED,
        ["asked", "approved"],
    ),
    "another digest runs by now": (
        [ASK, GIVE, lambda story: story.promote("b1")],
        f"{LEFT}api of staging is sha256:bbbbbbbbbbbb now, and approved was sha256:aaaaaaaaaaaa ({ONE}, by bob at "
        f"2026-05-04T12:00:00Z); {ANEW}",
        State.APPROVED,
        ["asked", "approved"],
    ),
    "overtaken before it was approved": (
        [ASK, ASK_NEWER, GIVE],
        f"{LEFT}{ONE} was overtaken by a newer build: {TWO}, asked for at 2026-05-04T12:00:00Z, is asked",
        State.ASKED,
        ["asked", "asked"],
    ),
    "overtaken after it was approved": (
        [ASK, GIVE, ASK_NEWER, lambda story: story.promote(commit=FIRST)],
        f"{LEFT}{ONE} was overtaken by a newer build: {TWO}, asked for at 2026-05-04T12:00:00Z, is asked",
        State.ASKED,
        ["asked", "approved", "asked"],
    ),
    "a commit that nobody asked for": (
        [ASK, lambda story: story.give(SECOND)],
        f"{LEFT}nobody asked for {SECOND}; {ONE}, asked for at 2026-05-04T12:00:00Z, is asked",
        State.ASKED,
        ["asked"],
    ),
    "too little of a commit": (
        [ASK, lambda story: story.give(FIRST[:6])],
        "--commit: came 1a2b3c; allowed: 7 characters of the commit at least",
        State.ASKED,
        ["asked"],
    ),
    "used twice": (
        [ASK, GIVE, PROMOTE, PROMOTE],
        f"{LEFT}{ONE} was promoted by {BOB} at 2026-05-04T12:00:00Z, which used its approval; {ANEW}",
        State.PROMOTED,
        ["asked", "approved", "promoting", "promoted"],
    ),
    "two promotions, the second a little later": (
        [ASK, GIVE, claim, PROMOTE],
        f"{LEFT}{ONE} is being promoted by {BOB} at 2026-05-04T12:00:00Z; `zelly service status api --stack "
        "production` shows how far it is",
        State.PROMOTING,
        ["asked", "approved", "promoting"],
    ),
    "two promotions at once": (
        [ASK, GIVE, promote_at_once],
        "/shop/approvals/api was written by somebody else at the same time: it is promoted now, by "
        f"{BOB} at 2026-05-04T12:00:00Z; this command changed nothing",
        State.PROMOTED,
        ["asked", "approved", "promoting", "promoted", "promoting"],
    ),
    "two wishes at once, the first that anybody has": (
        [ask_at_once],
        f"/shop/approvals/api was written by somebody else at the same time: it is asked now, by {ANN} at "
        "2026-05-04T12:00:00Z; this command changed nothing",
        State.ASKED,
        ["asked"],
    ),
    "asked for during a promotion": (
        [ASK, GIVE, claim, ASK_NEWER],
        f"shop-api: {ONE} is being promoted by {BOB} at 2026-05-04T12:00:00Z; nothing is asked for meanwhile",
        State.PROMOTING,
        ["asked", "approved", "promoting"],
    ),
    "a promotion that died": (
        [ASK, GIVE, claim, wait(10), PROMOTE],
        f"{LEFT}{ONE} was promoted by {BOB} at 2026-05-04T12:00:00Z in vain (its command ended without a word), which "
        f"used its approval; {ANEW}",
        State.FAILED,
        ["asked", "approved", "promoting"],
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_last_step_is_refused_in_one_line(name: str) -> None:
    steps, line, state, versions = SCENARIOS[name]
    story = Story()
    for step in steps[:-1]:
        step(story)
    rolled_out = story.is_rolled_out
    assert refused(steps[-1], story) == [line]
    assert story.is_rolled_out == rolled_out
    assert story.store.states == versions
    if state is not None:
        assert story.state is state


def test_of_two_promotions_at_once_one_rolls_out() -> None:
    story = Story()
    ASK(story)
    GIVE(story)
    other = Story(store=story.store, clock=story.clock)
    story.store.meanwhile.append(other.promote)
    with pytest.raises(OperatorError):
        story.promote()
    assert (other.is_rolled_out, story.is_rolled_out) == (True, False)
    # The loser's entry is the newest version, and counts for nobody.
    assert json.loads(story.store.values[-1])["state"] == "promoting"
    assert story.state is State.PROMOTED
    ASK_NEWER(story)
    assert story.state is State.ASKED


def test_claim_that_another_one_writes_over_is_settled_all_the_same() -> None:
    story = Story()
    ASK(story)
    GIVE(story)
    mine = approvals(story.store, story.clock)
    use = plan_use(mine, images("a1"), None)
    late = mine.read()
    with using(use, by=BOB, seconds=600, began=lambda: True), pytest.raises(OperatorError):
        mine.write(late, transitions.claimed(use.approval, by=ANN, now=story.clock.now(), seconds=600))
    assert story.store.states[2:] == ["promoting", "promoting", "promoted"]
    assert story.state is State.PROMOTED


def test_same_wish_and_the_same_answer_count_once() -> None:
    story = Story()
    for step in (ASK, ASK, GIVE, GIVE, ASK):
        step(story)
    assert (story.state, story.store.states) == (State.APPROVED, ["asked", "approved"])
    story.ask(wish(build="build/9"))
    assert story.state is State.ASKED


FAILURES: dict[str, tuple[OperatorError, bool, list[str], State]] = {
    "rolled back": (
        OperationFailedError("shop-api: shop-api:9 failed and was rolled back.", "why"),
        True,
        [
            "shop-api: shop-api:9 failed and was rolled back.",
            "why",
            f"The approval of {ONE} is used up; `zelly approval ask api` asks anew once staging is healthy.",
        ],
        State.FAILED,
    ),
    "nothing was begun": (
        OperationFailedError("ecs:RegisterTaskDefinition, it: no"),
        False,
        [
            "ecs:RegisterTaskDefinition, it: no",
            f"Nothing was rolled out: the approval of {ONE} is still there, good until 2026-05-04T13:00:00Z.",
        ],
        State.APPROVED,
    ),
    "AWS refused": (
        failure("ecr:PutImage", Reason.REFUSED),
        False,
        [
            "ecr:PutImage, it: Code: no",
            f"Nothing was rolled out: the approval of {ONE} is still there, good until 2026-05-04T13:00:00Z.",
        ],
        State.APPROVED,
    ),
    "interrupted": (
        OperationInterruptedError("Interrupted.", "shop-api:9 goes on."),
        True,
        [
            "Interrupted.",
            "shop-api:9 goes on.",
            f"The approval of {ONE} is used up; `zelly approval ask api` asks anew once staging is healthy.",
        ],
        State.FAILED,
    ),
}


_LINES: dict[type[OperatorError], Callable[..., list[str]]] = {
    OperationFailedError: failed,
    OperationInterruptedError: interrupted,
}


@pytest.mark.parametrize("name", FAILURES)
def test_promotion_that_fails_says_what_became_of_its_approval(name: str) -> None:
    error, began, lines, state = FAILURES[name]
    story = Story()
    ASK(story)
    GIVE(story)
    lines_of = _LINES.get(type(error), refused)
    assert lines_of(story.promote, fails=error, began=began) == lines
    assert story.state is state
    if state is State.APPROVED:
        story.promote()
        assert story.state is State.PROMOTED


def test_answer_that_was_lost_leaves_the_record_unknown() -> None:
    story = Story(store=Store(lost=failure("ssm:PutParameter", Reason.UNREACHABLE)))
    assert refused(story.ask)[1:] == [
        "Whether /shop/approvals/api says asked now is not known; `zelly approval list` tells."
    ]


def test_what_was_written_by_hand_counts_for_nothing() -> None:
    story = Story()
    ASK(story)
    forged: dict[str, Any] = {**json.loads(story.store.values[0]), "state": "approved", "by": "eve"}
    story.store.values += [
        json.dumps(forged),
        json.dumps({**forged, "after": 2, "state": "blessed"}),
        '"approved"',
        "[]",
    ]
    assert story.state is State.ASKED
    GIVE(story)
    assert story.state is State.APPROVED
