"""The controller's image and its configuration as code: the keys that are used, and what they name elsewhere."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dockerfile_parse import DockerfileParser
from ruamel.yaml import YAML

from tests.programs.relay.pipeline import declarative, jcasc
from tests.programs.relay.pipeline.declarative import labels_of
from tests.programs.relay.pipeline.recorded import JENKINS, LABELS, groovy, pipeline

CASC = sorted((JENKINS / "casc").glob("*.yaml"))


def document(path: Path) -> Mapping[str, Any]:
    return YAML(typ="safe", pure=True).load(path)  # pyright: ignore[reportUnknownMemberType]


def merged() -> Mapping[str, Any]:
    """Return all files as one, as JCasC merges them: a key in two of them is a conflict."""
    whole: dict[str, Any] = {}
    for path in CASC:
        for section, values in document(path).items():
            if not isinstance(values, dict):
                assert section not in whole, f"{path.name}: {section}"
                whole[section] = values
                continue
            known: dict[str, Any] = whole.setdefault(section, {})
            assert not known.keys() & values.keys(), f"{path.name}: {section}"  # pyright: ignore[reportUnknownMemberType]
            known |= values
    return whole


def clouds() -> Mapping[str, Mapping[str, Any]]:
    return {cloud["eC2Fleet"]["labelString"]: cloud["eC2Fleet"] for cloud in merged()["jenkins"]["clouds"]}


def plugins() -> Mapping[str, str]:
    lines = (JENKINS / "plugins.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":", 1) for line in lines if line and not line.startswith("#"))


def test_every_key_is_one_that_its_plugin_has_with_a_value_of_its_kind() -> None:
    assert list(jcasc.faults(merged())) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"jenkins": {"numExecutor": 0}}, "jenkins.numExecutor: unknown"),
        ({"jenkins": {"numExecutors": "none"}}, "jenkins.numExecutors: came 'none'; allowed: a whole number"),
        ({"jenkins": {"mode": "ALWAYS"}}, "jenkins.mode: came 'ALWAYS'; allowed: EXCLUSIVE, NORMAL"),
        ({"jobs": [{"url": "https://x"}]}, "jobs[0].url: unknown"),
    ],
)
def test_a_mistake_is_found_where_it_is(change: Mapping[str, Any], said: str) -> None:
    assert list(jcasc.faults(change)) == [said]


def test_the_controller_runs_no_build() -> None:
    assert (merged()["jenkins"]["numExecutors"], merged()["jenkins"]["mode"]) == (0, "EXCLUSIVE")


def test_every_label_has_a_pool_of_its_own_that_scales_to_zero_with_one_build_an_agent() -> None:
    used = {label for name in ("pipeline", "promotion") for label in labels_of(pipeline(name))}
    assert used == {"build", "deploy-preproduction", "deploy-production"}
    assert clouds().keys() == used
    for label, cloud in clouds().items():
        shouted = label.upper().replace("-", "_")
        assert (cloud["fleet"], cloud["maxSize"]) == (f"${{AGENTS_{shouted}_GROUP}}", f"${{AGENTS_{shouted}_MAXIMUM}}")
        assert (cloud["minSize"], cloud["minSpareSize"], cloud["numExecutors"], cloud["maxTotalUses"]) == (0, 0, 1, 1)
        # Nothing without the label runs there, and nothing is done twice because an instance went away.
        assert (cloud["restrictUsage"], cloud["disableTaskResubmit"], cloud["alwaysReconnect"]) == (True, True, False)
        assert cloud["privateIpUsed"] is True


def test_agents_that_deploy_are_for_the_jobs_that_deploy() -> None:
    jobs, pools = (
        ["relay/main", "relay/feature", "promotion", "nightly"],
        ["build", "deploy-preproduction", "deploy-production"],
    )
    said = groovy(Path(__file__).parent / "stubs.groovy", str(LABELS), ",".join(jobs), *pools, "i-1,deploy-production")
    answers = json.loads(said)
    taken = {pair for pair, refusal in answers.items() if refusal is None}
    assert taken == {
        *(f"{job} on build" for job in jobs),
        "relay/main on deploy-preproduction",
        "promotion on deploy-production",
        "promotion on i-1,deploy-production",
    }
    refusal = "agents deploy-production are for job promotion, not relay/feature"
    assert answers["relay/feature on i-1,deploy-production"] == refusal


def test_what_it_logs_in_with_is_what_it_has_and_none_of_it_stands_here() -> None:
    (held,) = merged()["credentials"]["system"]["domainCredentials"]
    credentials = {values["id"]: (kind, values) for one in held["credentials"] for kind, values in one.items()}
    assert {values["computerConnector"]["sSHConnector"]["credentialsId"] for values in clouds().values()} == {"agents"}
    (hook,) = merged()["unclassified"]["gitHubPluginConfig"]["hookSecretConfigs"]
    assert {"agents", hook["credentialsId"], "github"} == credentials.keys()
    # Builds see none but the one that reads the repository.
    assert {name for name, (_, values) in credentials.items() if values["scope"] == "GLOBAL"} == {"github"}
    for name, value in _values(merged()):
        if re.search(r"(?i)secret|privateKey$|password|token", name.rpartition(".")[2]):
            assert re.fullmatch(r"\$\{[A-Z_]+\}", str(value)), name


def _values(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _values(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for inner in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _values(inner, where)
    else:
        yield where, value


def test_operators_alone_may_change_a_job_or_a_builds_pipeline() -> None:
    entries = merged()["jenkins"]["authorizationStrategy"]["globalMatrix"]["entries"]
    allowed = {entry["group"]["name"]: set(entry["group"]["permissions"]) for entry in entries}
    assert allowed.pop("${GITHUB_ORGANIZATION}*operators") == {"Overall/Administer"}
    everybody = set[str]().union(*allowed.values())
    assert everybody == {"Overall/Read", "Job/Read", "Job/Build", "Job/Cancel"}
    # Nobody who has not signed in, and nobody of another organisation.
    assert all(name.startswith("${GITHUB_ORGANIZATION}") for name in allowed)
    (variables,) = merged()["jenkins"]["globalNodeProperties"]
    values = {one["key"]: one["value"] for one in variables["envVars"]["env"]}
    assert values["APPROVERS"] in allowed


def test_every_plugin_that_is_used_is_there_in_one_version() -> None:
    steps = {one.name for name in ("pipeline", "promotion") for one in pipeline(name).walk()}
    brought = {**declarative.OPTIONS, **declarative.STEPS}
    used = {brought[name] for name in steps if brought.get(name) is not None}
    used |= jcasc.PLUGINS | {
        "workflow-aggregator",
        "workflow-multibranch",
        "workflow-job",
        "github-branch-source",
        "git",
    }
    assert used <= plugins().keys()
    # A plugin of no use is one to keep up to date.
    assert plugins().keys() - used == jcasc.BENEATH
    assert all(re.fullmatch(r"[0-9][\w.]*[\w]", version) for version in plugins().values())


def test_the_image_is_pinned_and_takes_no_newer_plugin_by_itself() -> None:
    parser = DockerfileParser(str(JENKINS / "Dockerfile"))
    assert re.fullmatch(r"docker\.io/jenkins/jenkins:\d+\.\d+\.\d+-lts-jdk21", parser.baseimage)
    (install,) = [each["value"] for each in parser.structure if each["instruction"] == "RUN"]
    assert "--latest false" in install
    # Everything that is copied is there, and where the configuration looks for it.
    copied = {}
    for each in parser.structure:
        if each["instruction"] == "COPY":
            source, target = each["value"].split()[-2:]
            assert (JENKINS / source).exists(), source
            copied[source] = target
    assert parser.envs["CASC_JENKINS_CONFIG"] == copied["casc"]
    assert parser.envs["JOBS_FOLDER"] == copied["jobs"]
    (jobs,) = merged()["jobs"]
    assert jobs["file"] == f"{copied['jobs']}/jobs.groovy"


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([hadolint, JENKINS / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("", 0)
