"""What the pipeline and its controller name exists in the stack that has Jenkins."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from programs.relay.ci.commands import role_of
from programs.relay.ci.docker_hub import PASSWORD_KEY, SECRET, USERNAME_KEY
from relay_infra import catalog
from relay_infra.composition.access import deploy_label
from relay_infra.names import Names
from tests.programs.relay import facts
from tests.programs.relay.evaluations import config_of, evaluation_of
from tests.programs.relay.pipeline.declarative import labels_of
from tests.programs.relay.pipeline.recorded import JENKINS, JOBS, pipeline

OWNER = "preproduction"


def container() -> Mapping[str, Any]:
    """Return the controller's container."""
    for task in evaluation_of(OWNER).of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for one in json.loads(task.inputs["containerDefinitions"]):
            if one["name"] == "jenkins":
                return one
    raise AssertionError("no task definition of a controller")


def asked_for() -> set[str]:
    """Return the variables that the controller's configuration and jobs take from its environment."""
    configured = "".join(path.read_text(encoding="utf-8") for path in (JENKINS / "casc").glob("*.yaml"))
    of_jobs = re.findall(r"System\.getenv\('(\w+)'\)", JOBS.read_text(encoding="utf-8"))
    return {*re.findall(r"\$\{(\w+)\}", configured), *of_jobs} - {"JOBS_FOLDER"}


def test_the_controller_has_every_variable_that_its_configuration_takes_and_no_secret_in_vain() -> None:
    plain = {one["name"] for one in container()["environment"]}
    secret = {one["name"] for one in container()["secrets"]}
    assert asked_for() <= plain | secret
    assert secret <= asked_for()


def test_every_pool_that_is_named_is_a_group_of_the_stack() -> None:
    variables = {one["name"]: one["value"] for one in container()["environment"]}
    groups = {group.inputs["name"]: group for group in evaluation_of(OWNER).of_type("aws:autoscaling/group:Group")}
    labels = {label for name in ("pipeline", "promotion") for label in labels_of(pipeline(name))}
    assert labels == set(catalog.AGENT_LABELS)
    for label in labels:
        shouted = label.upper().replace("-", "_")
        group = groups[variables[f"AGENTS_{shouted}_GROUP"]]
        assert variables[f"AGENTS_{shouted}_MAXIMUM"] == str(int(group.inputs["maxSize"]))


@pytest.mark.parametrize("stack", facts.ENVIRONMENTS)
def test_the_role_that_a_step_deploys_with_is_the_one_that_its_agents_may_become(stack: str) -> None:
    # The agents' profile of it is called like their label.
    label = deploy_label(stack)
    assert role_of(stack) == {"AWS_PROFILE": label}
    account = config_of(stack).aws_account_id
    deploys = f"arn:aws:iam::{account}:role/{Names(stack).deploy_role}"
    # Nothing else may be become by them, and that by nobody else.
    assert _may_become()[label] == [deploys]
    assert [name for name, roles in _may_become().items() if deploys in roles] == [label]


def _may_become() -> Mapping[str, list[str]]:
    """Return the roles that each pool's own role may take on."""
    found: dict[str, list[str]] = {label: [] for label in catalog.AGENT_LABELS}
    for written in evaluation_of(OWNER).of_type("aws:iam/rolePolicy:RolePolicy"):
        label = next((label for label in found if written.urn.endswith(f"jenkins-{label}-policy")), None)
        for statement in json.loads(written.inputs["policy"])["Statement"]:
            if label is not None and "sts:AssumeRole" in statement["Action"]:
                found[label] += (
                    [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
                )
    return found


def test_the_pipelines_own_secrets_are_the_documents_and_none_is_a_key_of_aws() -> None:
    assert {name.rpartition("/")[2] for name in catalog.CI_SECRETS} == facts.CREDENTIALS


def test_docker_hubs_credentials_are_a_secret_of_the_pipelines() -> None:
    assert set(catalog.CI_SECRETS[SECRET]) == {USERNAME_KEY, PASSWORD_KEY}
