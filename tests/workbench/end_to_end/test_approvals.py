"""``approval`` and ``service promote`` to a stack that takes only what was approved, against the embedded AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.workbench.conftest import Completed, Operator, Up
from tests.workbench.end_to_end.rollouts import REGIONS, Shop

SERVICE = "web"
PARAMETER = "/sample/live/approvals/web"
BOTH = ("--container", "app", "--container", "proxy")


@pytest.fixture(autouse=True)
def _demanding(up: Up) -> Iterator[None]:
    """Live takes only what was approved, within an hour; the service's secret is filled."""
    path = up.folder / "Pulumi.live.yaml"
    before = path.read_text()
    path.write_text(before.replace("approval_minutes: null", "approval_minutes: 60"))
    name = "sample/web/env"
    stores = [up.client("secretsmanager", region) for region in REGIONS.values()]
    for value in ("a value", ""):
        values = json.dumps(dict.fromkeys(PROGRAM.secrets.application[name], value))
        for secrets in stores:
            secrets.put_secret_value(SecretId=name, SecretString=values)
        if value:
            yield
    path.write_text(before)
    up.client("ssm", REGIONS["live"]).delete_parameter(Name=PARAMETER)


@pytest.fixture
def trial(up: Up, operator: Operator) -> Shop:
    return Shop(up=up, operator=operator, stack="trial", service=SERVICE)


@pytest.fixture
def live(up: Up, operator: Operator) -> Shop:
    return Shop(up=up, operator=operator, stack="live", service=SERVICE)


def deploy(shop: Shop, commit: str) -> dict[str, str]:
    """Deploy both containers' images of a commit in trial, and return them."""
    images = {name: shop.image(shop.push(f"trial-{commit}", container=name), name) for name in ("app", "proxy")}
    assert shop.run("deploy", "--tag", f"trial-{commit}", *BOTH, "--force").exit_code == 0
    return images


def approval(operator: Operator, verb: str, *options: str) -> Any:
    completed = operator.run("approval", verb, SERVICE, *options, "--json")
    assert completed.exit_code == 0, completed.stderr
    return json.loads(completed.stdout)


def state(operator: Operator) -> str:
    return approval(operator, "list")["approvals"][0]["state"]


def test_only_what_was_approved_is_promoted_and_only_once(trial: Shop, live: Shop, operator: Operator) -> None:
    images = deploy(trial, "da000001")
    assert live.run("promote", "--yes") == refusal("nobody asked for an approval; `zelly approval ask web` does")

    dry = approval(operator, "ask", "--dry-run")
    assert (dry["executed"], dry["plan"]["approval"]["images"]) == (False, images)
    asked = approval(operator, "ask", "--build", "https://ci/7", "--commit", "da000001", "--minutes", "30")["approval"]
    assert (asked["state"], asked["commit"], asked["images"]) == ("asked", "da000001", images)
    waits = live.run("promote", "--yes")
    assert (waits.exit_code, "waits for an approval until TIME; `zelly approval give web" in waits.stderr) == (2, True)

    given = operator.run("approval", "give", SERVICE, "--commit", "da000001", "--by", "mia")
    assert (given.exit_code, given.stdout) == (0, f"da000001 approved until {asked['expires_at']}\n")
    plan = json.loads(live.run("promote", *BOTH, "--dry-run", "--json").stdout)["plan"]
    assert (plan["approval"]["by"], plan["images"]) == ("mia", images)
    promoted = live.run("promote", *BOTH, "--yes")
    assert promoted.exit_code == 0, promoted.stderr
    first = promoted.stderr.splitlines()[0]
    assert first == "da000001 of https://ci/7 is approved by mia at TIME, good until TIME."
    assert (live.wanted, live.recorded[-1], state(operator)) == (1, images, "promoted")

    again = live.run("promote", *BOTH, "--yes")
    assert (again.exit_code, "which used its approval; `zelly approval ask web` asks anew" in again.stderr) == (2, True)
    (row,) = approval(operator, "list")["approvals"][:1]
    assert (row["by"], row["promoted_by"][:12], row["build"]) == ("mia", "arn:aws:sts:", "https://ci/7")
    assert [each["state"] for each in approval(operator, "list")["approvals"]] == [
        "promoted",
        "promoting",
        "approved",
        "asked",
    ]
    (line,) = [line for line in live.run("status").stdout.splitlines() if line.startswith("  deployed TIME")][:1]
    assert "approved by mia (da000001 of https://ci/7)" in line
    (service,) = json.loads(live.run("status", "--json").stdout)["services"]
    assert (service["deploys"][0]["approval"]["by"], service["approval"]["state"]) == ("mia", "promoted")


def refusal(why: str) -> Completed:
    return Completed(exit_code=2, stdout="", stderr=f"sample-live-web is left as it is: {why}\n")


def test_newer_build_overtakes_one_that_waits(trial: Shop, live: Shop, operator: Operator) -> None:
    deploy(trial, "db000001")
    approval(operator, "ask", "--build", "https://ci/8")
    approval(operator, "give", "--commit", "db000001")
    deploy(trial, "db000002")
    other = live.run("promote", *BOTH, "--yes")
    assert (other.exit_code, "app of trial is sha256:" in other.stderr) == (2, True)
    late = operator.run("approval", "ask", SERVICE, "--commit", "db000001")
    assert (late.exit_code, late.stderr) == (
        2,
        "sample-trial-web runs db000002, not db000001, which was overtaken or rolled back; nothing is asked for\n",
    )
    approval(operator, "ask", "--build", "https://ci/9")
    overtaken = live.run("promote", *BOTH, "--commit", "db000001", "--yes")
    assert (overtaken.exit_code, live.registered) == (2, 0)
    assert "db000001 of https://ci/8 was overtaken by a newer build: db000002 of https://ci/9" in overtaken.stderr
    refused = operator.run("approval", "refuse", SERVICE, "--commit", "db000002", "--reason", "red")
    assert refused.exit_code == 0
    assert live.run("promote", *BOTH, "--yes").stderr.endswith("(red); `zelly approval ask web` asks anew\n")
    assert (live.registered, state(operator)) == (0, "refused")


def test_promotion_that_is_rolled_back_uses_its_approval_up(trial: Shop, live: Shop, operator: Operator) -> None:
    deploy(trial, "dc000001")
    approval(operator, "ask")
    approval(operator, "give", "--commit", "dc000001")
    # It runs in trial; in live its task starts without a secret that it needs.
    secrets = live.client("secretsmanager")
    stored = secrets.get_secret_value(SecretId="sample/web/env")["SecretString"]
    secrets.put_secret_value(SecretId="sample/web/env", SecretString="{}")
    checked = live.run("promote", *BOTH, "--yes")
    assert (checked.exit_code, live.registered, state(operator)) == (2, 0, "approved")
    failed = live.run("promote", *BOTH, "--yes", "--skip-secret-check")
    secrets.put_secret_value(SecretId="sample/web/env", SecretString=stored)
    assert (failed.exit_code, failed.stderr.splitlines()[-1]) == (
        1,
        "The approval of dc000001 is used up; `zelly approval ask web` asks anew once trial is healthy.",
    )
    assert state(operator) == "failed"
    approval(operator, "ask")
    approval(operator, "give", "--commit", "dc000001")
    assert live.run("promote", *BOTH, "--yes", "--force").exit_code == 0


def test_words_that_the_record_cannot_hold_are_refused(operator: Operator, trial: Shop) -> None:
    deploy(trial, "dd000001")
    approval(operator, "ask")
    for options, line in {
        ("--by", "a{{ssm:b}}"): "--by: came 'a{{ssm:b}}'; allowed: a text without double braces",
        ("--by", "a\nb"): "--by: came 'a\\nb'; allowed: 1 to 300 printable characters",
    }.items():
        given = operator.run("approval", "give", SERVICE, "--commit", "dd000001", *options)
        assert (given.exit_code, given.stderr) == (2, f"{line}\n")
    late = operator.run("approval", "ask", SERVICE, "--minutes", "61")
    assert (late.exit_code, late.stderr) == (2, "--minutes: came 61; allowed for live: 1 to 60\n")
    back = operator.run("approval", "list", "--from", "live", "--to", "trial")
    assert (back.exit_code, back.stderr) == (2, "trial: promotions to it need no approval\n")
