"""The pipelines as Jenkins reads them: the document's steps in order, and who may do which of them."""

import os
from collections.abc import Iterator

import pytest

from tests.programs.relay import facts
from tests.programs.relay.pipeline.declarative import faults, label_of
from tests.programs.relay.pipeline.recorded import RELAY, Call, Reference, calls, mistake, pipeline, stages

STEPS = {
    "Checkout": "checkout",
    "Install": "install",
    "Lint": "lint",
    "Unit tests": "unit tests",
    "Bundles": "bundles",
    "Image": "image",
    "Integration tests": "integration tests",
    "Push": "push",
    "Deploy pre-production": "deploy to pre-production",
    "Acceptance tests": "acceptance tests",
    "Approval": "approval",
    "Promote": "deploy to production",
}
"""The document's steps, by the stages that do them."""


def whole() -> Iterator[tuple[Call, Call]]:
    """Yield every stage with its pipeline, in the order in which a commit passes them, through the jobs it starts."""
    for stage in stages(pipeline("pipeline")):
        started = [step.named["job"] for step in stage.walk() if step.name == "build"]
        if started:
            yield from ((pipeline(job), inner) for job in started for inner in stages(pipeline(job)))
        else:
            yield pipeline("pipeline"), stage


def agents(block: Call, inherited: str | None = None) -> Iterator[tuple[str, str | None]]:
    """Yield every script with the label of the agent that it runs on."""
    label = block.value if block.name == "node" else label_of(block) or inherited
    for child in block.children or ():
        if child.name == "sh":
            yield child.value, label
        else:
            yield from agents(child, label)


@pytest.mark.parametrize("name", ["pipeline", "promotion"])
def test_jenkins_would_refuse_nothing(name: str) -> None:
    assert list(faults(pipeline(name))) == []


def test_a_mistake_is_found_with_its_line_and_column() -> None:
    found = mistake("a bracket")
    # Where the bracket of line 4 would have to be closed.
    assert (found["line"], found["column"], found["message"]) == (6, 5, "unexpected token: }")


def test_two_blocks_on_one_line_are_found_before_jenkins_reads_them_as_one() -> None:
    assert mistake("one line")["message"] == "`steps` stands on the line of `agent`: one block a line"


def test_the_documents_steps_come_in_its_order_with_the_image_before_it_is_tested() -> None:
    found = [STEPS[stage.value] for _, stage in whole()]
    expected = [step for step in facts.STEPS if step not in {facts.BUILT_EARLIER, "notify"}]
    expected.insert(expected.index("integration tests"), facts.BUILT_EARLIER)
    assert found == expected


def test_the_checkout_is_shallow() -> None:
    (clone,) = [one for one in pipeline("pipeline").walk() if one.name == "cloneOption"]
    assert clone.named["shallow"] is True
    assert clone.named["depth"] < 50
    # The one that Jenkins makes by itself on every agent is whole.
    assert pipeline("pipeline").the("options").find("skipDefaultCheckout") is not None


def test_each_script_runs_where_its_role_is_and_branches_run_nothing_of_their_own_beside_a_role_that_deploys() -> None:
    ran = [*agents(pipeline("pipeline")), *agents(pipeline("promotion"))]
    assert {script: label for script, label in ran if label != "build"} == {
        '"$RELAY_CI"/deploy': "deploy-preproduction",
        '"$RELAY_CI"/ask-approval': "deploy-production",
        '"$RELAY_CI"/promote': "deploy-production",
        '"$RELAY_CI"/refuse-approval': "deploy-production",
    }
    # Production's agents are the promotion's alone.
    assert "deploy-production" not in {label for _, label in agents(pipeline("pipeline"))}
    # What deploys, pushes and notifies comes with the agent. Only what installs and tests comes with the commit.
    own = {script for script, _ in ran if not script.startswith('"$RELAY_CI"/')}
    assert own == {
        f"{facts.SCRIPTS}/{name}" for name in ("install", "lint", "unit-tests", "bundles", "acceptance-tests")
    }


def test_every_script_is_there_and_can_be_run() -> None:
    names = {
        script.split()[0].rpartition("/")[2]
        for name in ("pipeline", "promotion")
        for script, _ in agents(pipeline(name))
    }
    folder = RELAY / facts.SCRIPTS
    # `run` is what the others call.
    assert {path.name for path in folder.iterdir()} == names | {"run"}
    assert all(os.access(path, os.X_OK) for path in folder.iterdir())


def test_only_main_goes_on_to_pre_production() -> None:
    chosen = {stage.value: stage.find("when") for stage in stages(pipeline("pipeline"))}
    assert [name for name, when in chosen.items() if when is not None] == [
        "Deploy pre-production",
        "Acceptance tests",
        "Promotion",
    ]
    for when in filter(None, chosen.values()):
        assert when.the("branch").value == "main"


def test_an_approval_holds_no_agent_ends_by_itself_and_names_who_gave_it() -> None:
    approval, promote = stages(pipeline("promotion"))
    assert label_of(pipeline("promotion")) is label_of(approval) is None
    (limit,) = approval.the("options").all("timeout")
    assert limit.named == {"time": 8, "unit": "HOURS"}
    steps = list(approval.the("steps").children or ())
    assert [step.name for step in steps] == ["milestone", "node", "script", "milestone"]
    # Nothing runs on an agent while a person is waited for.
    (assigned,) = list(steps[2].children or ())
    name, asked = assigned.values
    assert (name, asked.name, asked.named["submitterParameter"]) == ("env.APPROVER", "input", "APPROVER")
    # A list that is missing lets nobody approve, instead of everybody.
    assert asked.named["submitter"] == Reference("env.APPROVERS")
    assert "env.APPROVERS ?: 'nobody'" in (RELAY / "jenkins" / "jobs" / "promotion.Jenkinsfile").read_text()
    # An older commit that waits is aborted once a newer one is approved, and two never deploy at once.
    assert [step.named["ordinal"] for step in (steps[0], steps[3])] == [1, 2]
    assert promote.the("options").the("lock").named == {"resource": "production"}


def test_builds_end_and_are_not_kept_for_ever() -> None:
    for name in ("pipeline", "promotion"):
        options = pipeline(name).the("options")
        assert options.find("timeout") is not None
        assert options.find("buildDiscarder") is not None
    # The first waits for nobody, so that a branch's builds may follow one another; approvals have to overtake.
    assert pipeline("pipeline").the("options").find("disableConcurrentBuilds") is not None
    assert pipeline("promotion").the("options").find("disableConcurrentBuilds") is None


def test_every_end_is_told_even_one_before_the_first_step() -> None:
    for name, ends in (("pipeline", {"failure", "aborted"}), ("promotion", {"success", "failure", "aborted"})):
        post = {condition.name: condition for condition in pipeline(name).the("post").children or ()}
        assert post.keys() == ends
        for condition in post.values():
            told = [script for script, label in agents(condition) if label == "build"]
            assert len(told) == 1
            assert told[0].startswith('"$RELAY_CI"/notify ')
            # On an agent that never comes nobody waits for ever.
            assert [step.name for step in condition.children or ()] == ["timeout"]


def test_nothing_of_a_build_is_left_whatever_became_of_it() -> None:
    (integration,) = [stage for _, stage in whole() if stage.value == "Integration tests"]
    always = integration.the("post").the("always")
    assert [script for script, _ in agents(always)] == ['"$RELAY_CI"/integration-down']


def test_jobs_are_those_that_the_pipelines_name_and_a_fork_gets_no_agent() -> None:
    made = {call.value: call for call in calls("jobs")}
    assert made.keys() == {"relay", "promotion", "nightly"}
    started = {step.named["job"] for step in pipeline("pipeline").walk() if step.name == "build"}
    assert started <= made.keys()
    traits = next(one for one in made["relay"].walk() if one.name == "traits")
    # By push (facts.TRIGGER): branches, and no pull requests.
    assert [trait.name for trait in traits.children or ()] == ["gitHubBranchDiscovery"]
    parameters = {one.values[0] for one in made["promotion"].the("parameters").children or ()}
    (given,) = [step.named["parameters"] for step in pipeline("pipeline").walk() if step.name == "build"]
    assert parameters == {one.named["name"] for one in given}
    # It is the one beside, and no script of the application's.
    (script,) = [one.value for one in made["promotion"].walk() if one.name == "script"]
    assert script == (RELAY / "jenkins" / "jobs" / "promotion.Jenkinsfile").read_text()
