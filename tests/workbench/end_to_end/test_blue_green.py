"""A service that ECS deploys blue/green, deployed by the command, and what the program then says of it."""

import json
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.support import sample
from tests.support.operators import Operator, Up, plan_once, work_in
from tests.workbench.end_to_end.rollouts import Shop

CLUSTER, WEB = "sample-live", "sample-live-web"


@pytest.fixture
def shop(
    blue_green: Up,
    sample_commands: None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shop:
    del sample_commands
    work_in(blue_green, monkeypatch, sample.installed(tmp_path_factory.mktemp("installed")))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    plan_once(monkeypatch)
    secrets = blue_green.client("secretsmanager", sample.REGIONS["live"])
    for name, keys in PROGRAM.secrets.application.items():
        secrets.put_secret_value(SecretId=name, SecretString=json.dumps(dict.fromkeys(keys, "a-value")))
    return Shop(up=blue_green, operator=Operator(captured=capsys), stack="live", service="web")


def weights(shop: Shop) -> list[dict[str, int]]:
    """Return what the production and the test rule forward to: the groups by the last part of their names."""
    advanced = shop.described["loadBalancers"][0]["advancedConfiguration"]
    arns = [advanced["productionListenerRule"], advanced["testListenerRule"]]
    found = {rule["RuleArn"]: rule for rule in shop.client("elbv2").describe_rules(RuleArns=arns)["Rules"]}
    primary = shop.described["loadBalancers"][0]["targetGroupArn"]

    def named(rule: dict[str, Any]) -> dict[str, int]:
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        return {"primary" if group["TargetGroupArn"] == primary else "alternate": group["Weight"] for group in groups}

    return [named(found[arn]) for arn in arns]


def test_every_deploy_swings_the_rules_and_the_program_wants_nothing_changed(shop: Shop) -> None:
    swings: list[list[dict[str, int]]] = []
    for tag in ("live-aaaaaaaa", "live-bbbbbbbb", "live-cccccccc"):
        for container in ("app", "proxy"):
            shop.push(tag, container=container)
        deployed = shop.run("deploy", "--tag", tag)
        assert deployed.exit_code == 0, deployed.stderr
        swings.append(weights(shop))
        drift = json.loads(shop.operator.run("drift", "--json", "--stack", "live").stdout)
        # Nothing but what was deployed: the weights are ECS's own.
        assert [change["name"] for change in drift["changes"]] == []
        assert drift["counts"]["unchanged"] > 100
    old, new = {"primary": 100, "alternate": 0}, {"primary": 0, "alternate": 100}
    assert swings == [[old, old], [new, new], [old, old]]
    listed = shop.client("ecs").list_service_deployments(cluster=CLUSTER, service=WEB)["serviceDeployments"]
    assert [each["status"] for each in listed[:3]] == ["SUCCESSFUL"] * 3


def test_bad_deploy_is_taken_back_by_the_command_and_customers_never_see_it(shop: Shop) -> None:
    for container in ("app", "proxy"):
        shop.push("live-dddddddd", container=container)
    shop.push("live-eeeeeeee", container="app", crash=3, log=("no database",))
    assert shop.run("deploy", "--tag", "live-dddddddd").exit_code == 0
    before, recorded, running = weights(shop), shop.recorded, shop.described["taskDefinition"].rpartition("/")[2]
    bad = shop.operator.run("service", "deploy", "web", "--stack", "live", "--tag", "live-eeeeeeee")
    lines = bad.stderr.splitlines()
    # At this speed ECS may be faster than the command, and gives up after a day.
    assert (bad.exit_code, lines[-1]) == (1, "  no database")
    assert f"; {running} is wanted again" in bad.stderr, bad.stderr
    assert (weights(shop), shop.recorded) == (before, recorded)
    waits = shop.run("continue")
    assert (waits.exit_code, "no deployment that shifts traffic is under way" in waits.stderr) == (2, True)
    assert shop.run("deploy", "--tag", "live-eeeeeeee", "--until", "lunch").stderr.startswith("--until: came lunch; ")
