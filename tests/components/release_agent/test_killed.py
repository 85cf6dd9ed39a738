"""The agent is killed, or the power is cut, right after each time it has written down what it is about to do."""

import pytest

from tests.components.release_agent.agent_host import AgentHost, everywhere
from tests.components.release_agent.conftest import FIRST_MIGRATION

SECOND_MIGRATION = "20260201120000_more"

PHASES = ["migrate", "switch", "switch", "switch", "switch", "settle", "waiting"]
"""What the transaction says after each write of a deploy with a migration, in order."""

TOUCHED = [[], [], ["config"], ["gateway", "config"], ["worker", "scheduler", "gateway", "config"]]
"""What is started anew, after each write, by an agent that runs later: the last wave first."""

KILLED = -9


def killed(host: AgentHost, write: int) -> str:
    """Kill the agent right after a write of its transaction while it deploys, and return the release."""
    release = host.release("b", migrations=[FIRST_MIGRATION, SECOND_MIGRATION])
    ran = host.agent("deploy", release, killed_after=write)
    assert (ran.code, ran.document) == (KILLED, {})
    assert host.transaction == PHASES[write - 1]
    assert host.is_armed
    host.started()
    return release


@pytest.mark.parametrize("write", range(1, 7))
def test_agent_that_was_killed_is_made_up_for_by_the_timer(write: int, host: AgentHost, good: str) -> None:
    release = killed(host, write)
    refused = host.deploy(release)
    assert (refused.code, refused.reason) == (
        2,
        f"the deploy of {release} of <time> was broken off and is about to be taken back: try again in a minute",
    )
    ran = host.recover()
    # A migration that was under way can't be taken back, nor can anybody know here how far it got.
    assert ran.end == ((3, "failed", "recover") if write == 1 else (1, "undone", "recover"))
    touched = TOUCHED[min(write, 5) - 1]
    assert sorted(host.started()) == sorted(touched)
    assert host.running() == everywhere(good, "active")
    assert (host.transaction, host.is_armed) == ("", False)
    assert host.history()[-1]["outcome"] == ran.document["outcome"]


def test_release_that_was_broken_off_can_be_deployed_again(host: AgentHost) -> None:
    release = killed(host, 4)
    assert host.recover().end == (1, "undone", "recover")
    assert host.recover().end == (0, "healthy", None)
    host.deploy_and_confirm(release)
    assert host.running() == everywhere(release, "active")


def test_agent_killed_while_it_migrates_leaves_words_about_the_database(host: AgentHost) -> None:
    killed(host, 1)
    assert host.recover().reason == (
        "the deploy of <time> was broken off in the stage migrate; no service was touched; the database may have got, "
        f"whole or in part: {SECOND_MIGRATION}; the next deploy looks at it first"
    )


@pytest.mark.parametrize("write", [1, 3, 5, 7])
def test_power_cut_ends_with_the_healthy_release_before_anything_starts(write: int, host: AgentHost, good: str) -> None:
    killed(host, write)
    host.boot("second")
    ran = host.recover("--boot")
    assert ran.code == (3 if write == 1 else 1)
    # Nothing is started by the agent: systemd does it after this, with what is written now.
    assert host.started() == []
    host.start_enabled()
    assert host.running() == everywhere(good, "active")
    assert (host.transaction, host.is_armed) == ("", False)
    assert host.agent("status").states == everywhere(good, "ready")


def test_power_cut_during_the_first_release_of_all_leaves_nothing_that_starts(fresh: AgentHost) -> None:
    assert fresh.agent("deploy", fresh.release("a"), killed_after=2).code == KILLED
    fresh.boot("second")
    ran = fresh.recover("--boot")
    assert (ran.code, ran.reason) == (
        1,
        "the deploy of <time> was broken off in the stage switch; "
        "stopped, since there is nothing to go back to: config, gateway",
    )
    fresh.start_enabled()
    assert fresh.running() == everywhere(None, "inactive")


def test_waiting_release_is_left_alone_until_its_time_is_over(host: AgentHost, good: str) -> None:
    release = killed(host, 7)
    ran = host.recover()
    assert (ran.end, ran.document["unconfirmed_until"]) == ((0, "waiting", None), ran.document["unconfirmed_until"])
    assert host.running() == everywhere(release, "active")
    assert host.agent("confirm", release).end == (0, "healthy", "confirm")
    assert good != release


def test_agent_killed_in_the_middle_of_a_confirmation_keeps_what_it_began_to_keep(host: AgentHost, good: str) -> None:
    release = host.release("b")
    assert host.deploy(release).code == 0
    assert host.agent("confirm", release, killed_after=1).code == KILLED
    assert host.transaction == "kept"
    host.boot("second")
    assert host.recover("--boot").end == (0, "healthy", None)
    host.start_enabled()
    assert host.running() == everywhere(release, "active")
    assert host.agent("rollback").end == (0, "healthy", "settle")
    assert host.running() == everywhere(good, "active")


def test_agent_killed_while_it_takes_back_is_made_up_for(host: AgentHost, good: str) -> None:
    killed(host, 5)
    host.write("world/kill-on", "systemctl restart shop-worker.service")
    assert host.recover().code == KILLED
    (host.root / "world/kill-on").unlink()
    host.started()
    assert host.recover().end == (1, "undone", "recover")
    assert host.started() == ["worker", "scheduler", "gateway", "config"]
    assert host.running() == everywhere(good, "active")
