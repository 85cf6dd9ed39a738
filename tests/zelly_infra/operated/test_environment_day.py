"""``zelly status`` and ``zelly doctor`` from an environment that was just made to one that runs."""

import json
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from tests.workbench.aws.faults import answering, json_error
from tests.zelly_infra.operated.conftest import Operator, Up, sandbox_of
from workbench.aws.shared import connection
from workbench.operations.deploys import rollout_plan
from workbench.operations.tasks import follow as follow_task
from zelly_infra.catalog import APPLICATION_SECRETS, SERVICES

STAGING = ("--stack", "staging")
REGION = "ap-southeast-1"
PUSHED = "staging-1a2b3c4d"
CADDY = "staging-5e6f7a8b"
OWN = [service.name for service in SERVICES if service.repositories]
VALUES = {
    secret: {key: f"known-{number}-{key.lower()}" for key in keys}
    for number, (secret, keys) in enumerate(APPLICATION_SECRETS.items())
}

FRESH_STEPS = {
    "service-linked roles": "to do",
    "state backend": "to do",
    "account settings": "to do",
    "quotas": "to do",
    "Cloudflare names": "can't tell",
    "stack provisioned": "done",
    "secrets filled": "to do",
    "migrations run": "can't tell",
    "ClickHouse prepared": "can't tell",
    "images pushed": "to do",
    "services run": "to do",
    "DNS": "can't tell",
    "certificates issued": "done",
}
WALKED = {name for name, verdict in FRESH_STEPS.items() if verdict == "to do"}
INVARIANTS = {
    "certificates last": "done",
    "images kept": "done",
    "images recorded": "done",
    "log retention": "done",
    "log groups known": "done",
    "Aurora closed": "done",
    "Caddy locks": "can't tell",
    "alarm mails": "done",
    "host images": "done",
    "releases supported": "done",
    "Aurora backup": "done",
    "Redis backup": "to do",
    "ClickHouse backup": "to do",
    "engine versions": "done",
    "maintenance": "done",
    "Aurora's authority": "done",
}


ASK_FOR_MORE = "aws service-quotas request-service-quota-increase --service-code"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Environments of this file's own, just made, where a minute takes two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZELLY_SANDBOX_SPEED", "30")
        with sandbox_of(tmp_path_factory.mktemp("project")) as made:
            yield made


def verdicts(findings: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["name"]: finding["verdict"] for finding in findings}


def states(document: Mapping[str, Any]) -> dict[str, str]:
    sections = ("services", "load_balancers", "stores", "hosts", "certificates", "alarms")
    return {row["name"]: row["state"] for section in sections for row in document[section]}


def _stored(sandbox: Up) -> list[str]:
    """Return every secret value that the environment holds and that no text can hold by chance."""
    client = sandbox.client("secretsmanager", REGION)
    held = [
        json.loads(client.get_secret_value(SecretId=secret["ARN"])["SecretString"])
        for secret in client.list_secrets()["SecretList"]
    ]
    return [
        value
        for values in held
        for key, value in values.items()
        if value and key.endswith(("PASSWORD", "SECRET", "KEY", "URL"))
    ]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a deploy ask ECS far more often than an operator's would, and trust sooner what runs, or says no more."""
    sleep = time.sleep

    def shorter(seconds: float) -> None:
        sleep(min(seconds, 0.05))

    monkeypatch.setattr(time, "sleep", shorter)
    monkeypatch.setattr(rollout_plan, "SETTLING_SECONDS", 0.5)
    monkeypatch.setattr(follow_task, "QUIET_SECONDS", 0.5)


@dataclass(kw_only=True)
class Walk:
    """Somebody who types what doctor says is next, word for word, until no step is left."""

    operator: Operator
    sandbox: Up
    file: Path
    """What is meant by FILE."""
    typed: list[str] = field(default_factory=list[str])
    named: set[str] = field(default_factory=set[str])
    """Every line that was ever named."""

    def to_the_end(self) -> dict[str, Any]:
        while True:
            document = json.loads(self.operator.run("doctor", "--json", *STAGING).stdout)
            findings = [*document["steps"], *document["invariants"]]
            self.named |= {finding["next"] for finding in findings if finding["next"]}
            steps = [step for step in document["steps"] if step["verdict"] in ("to do", "broken")]
            if not steps:
                return document
            assert steps[0]["next"] not in self.typed, "the same is never next again"
            self.types(steps[0]["next"])

    def types(self, line: str) -> None:
        self.typed.append(line)
        if line.startswith("aws "):
            _asked_of_aws(line, self.sandbox)
            return
        program, *words = shlex.split(line.replace("FILE", str(self.file)).replace("COMMAND", "true"))
        assert program == "zelly"
        consent = ["--yes"] if words[:2] in (["state", "bootstrap"], ["secrets", "push"]) else []
        completed = self.operator.run(*words, *consent)
        assert completed.exit_code == 0, (line, completed.stderr)


def _asked_of_aws(line: str, sandbox: Up) -> Any:
    """Do what a line of AWS's own command line does, by the names that botocore knows."""
    program, service, operation, *options = shlex.split(line)
    given = dict(zip(options[::2], options[1::2], strict=True))
    client = sandbox.client(service, given.pop("--region"))
    model = client.meta.service_model.operation_model("".join(part.title() for part in operation.split("-")))
    members = {f"--{xform_name(name, '-')}": name for name in model.input_shape.members}
    assert (program, set(given) - set(members)) == ("aws", set())
    numbers = {name for name, shape in model.input_shape.members.items() if shape.type_name == "double"}
    request = {members[name]: value for name, value in given.items()}
    return getattr(client, operation.replace("-", "_"))(
        **{name: float(value) if name in numbers else value for name, value in request.items()}
    )


@pytest.mark.usefixtures("impatient")
def test_day_from_a_fresh_environment_to_one_that_runs(operator: Operator, sandbox: Up, tmp_path: Path) -> None:
    fresh = operator.run("doctor", "--json", *STAGING)
    document = json.loads(fresh.stdout)
    assert (fresh.exit_code, document["is_well"]) == (1, False)
    assert (verdicts(document["steps"]), verdicts(document["invariants"])) == (FRESH_STEPS, INVARIANTS)
    before = operator.run("status", "--json", *STAGING)
    assert (before.exit_code, {name for name, state in states(json.loads(before.stdout)).items() if state != "ok"}) == (
        1,
        {*OWN, "alb-nova", "alb-customer", "alb-orion", "nlb-storefront"},
    )
    # What doctor names is done, step by step.
    file = tmp_path / "secrets.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(VALUES), encoding="utf-8")
    # All but one service's images are there; the storefront's two come from two repositories, with a tag each.
    for service in OWN[1:]:
        first = ("--container", "astro") if service == "storefront" else ()
        assert operator.run("sandbox", "image", service, *first, "--tag", PUSHED).exit_code == 0
    assert operator.run("sandbox", "image", "storefront", "--container", "caddy", "--tag", CADDY).exit_code == 0
    walk = Walk(operator=operator, sandbox=sandbox, file=file)
    walk.to_the_end()
    assert walk.typed == [
        "zelly state bootstrap",
        "zelly state bootstrap --account",
        f"{ASK_FOR_MORE} fargate --quota-code L-3032A538 --desired-value 13 --region {REGION}",
        f"{ASK_FOR_MORE} ec2 --quota-code L-1216C47A --desired-value 8 --region {REGION}",
        "zelly secrets push FILE --stack staging",
        "zelly sandbox image fastify-nova --container fastify-nova --tag staging-00000001",
        "zelly service deploy fastify-nova --image fastify-nova=staging-00000001 --stack staging",
        *(f"zelly service deploy {name} --image {name}={PUSHED} --stack staging" for name in OWN[1:-1]),
        f"zelly service deploy storefront --image astro={PUSHED} --image caddy={CADDY} --stack staging",
    ]
    after = operator.run("doctor", "--json", *STAGING)
    document = json.loads(after.stdout)
    done = dict.fromkeys(WALKED, "done")
    assert (verdicts(document["steps"]), verdicts(document["invariants"])) == ({**FRESH_STEPS, **done}, INVARIANTS)
    # Only the backups of a first night are missing.
    assert after.exit_code == 1
    shown = operator.run("status", *STAGING)
    assert shown.exit_code == 0, shown.stdout
    assert "  ok        storefront       1 of 1 tasks run; revision 2; astro staging-1a2b3c4d, caddy" in shown.stdout
    # What no step needs can be typed as well.
    for line in sorted(walk.named - {*walk.typed}):
        walk.types(line)
    lines = shown.stdout.splitlines()
    assert (len(lines) <= 40, max(map(len, lines)) <= 100) == (True, True)
    output = "".join(said.stdout + said.stderr for said in (fresh, before, after, shown))
    secrets = _stored(sandbox)
    assert len(secrets) > 10
    assert [value for value in secrets if value in output] == []


@pytest.mark.usefixtures("impatient")
def test_first_deploy_of_two_containers_whichever_image_comes_first(operator: Operator) -> None:
    production = ("--stack", "production", "--skip-secret-check")
    image = ("sandbox", "image", "storefront")
    assert operator.run(*image, "--container", "astro", "--tag", "prod-1a2b3c4d").exit_code == 0
    alone = operator.run("service", "deploy", "storefront", "--tag", "prod-1a2b3c4d", *production)
    assert (alone.exit_code, alone.stdout, alone.stderr) == (
        2,
        "",
        "zelly-production-storefront is left as it is:\n"
        "  caddy: zelly/caddy has no image of production yet, and a task starts with all of its containers or not at "
        "all; first `zelly image push storefront --container caddy --context DIR --stack production`\n",
    )
    assert operator.run(*image, "--container", "caddy", "--tag", "prod-5e6f7a8b").exit_code == 0
    # As `zelly image push storefront --container caddy … --deploy` does.
    both = operator.run(
        "service", "deploy", "storefront", "--container", "caddy", "--tag", "prod-5e6f7a8b", *production
    )
    assert both.exit_code == 0, both.stderr
    assert "astro never had an image: the newest goes along, prod-1a2b3c4d (sha256:" in both.stderr
    (service,) = json.loads(operator.run("service", "status", "storefront", "--stack", "production", "--json").stdout)[
        "services"
    ]
    assert [image["tags"] for image in service["images"]] == [["prod-1a2b3c4d"], ["prod-5e6f7a8b"]]


@pytest.fixture
def without_acm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every client of ACM's be refused."""
    refusal = json_error("AccessDeniedException", "not authorized to perform: acm:ListCertificates")
    make = connection.Connection.client
    with ExitStack() as faults:

        def client(self: connection.Connection, service: str, *, repeatable: bool = True) -> Any:
            made = make(self, service, repeatable=repeatable)
            if service == "acm":
                faults.enter_context(answering(made, "ListCertificates", *[refusal] * 5))
            return made

        monkeypatch.setattr(connection.Connection, "client", client)
        yield


@pytest.mark.usefixtures("without_acm")
def test_what_aws_refuses_is_said_in_its_place_and_the_rest_is_shown(operator: Operator) -> None:
    shown = json.loads(operator.run("status", "--json", *STAGING).stdout)
    told = json.loads(operator.run("doctor", "--json", *STAGING).stdout)
    why = (
        "acm:ListCertificates, region: AccessDeniedException: not authorized to perform: acm:ListCertificates (the "
        "credentials in use may not do this; `aws sts get-caller-identity` tells whose they are)"
    )
    assert [(row["state"], row["what"]) for row in shown["certificates"]] == [("unread", why)] * 3
    assert {row["state"] for section in ("stores", "hosts", "alarms") for row in shown[section]} == {"ok"}
    findings = {finding["name"]: finding for finding in (*told["steps"], *told["invariants"])}
    for name in ("certificates issued", "certificates last"):
        assert (findings[name]["verdict"], findings[name]["seen"], findings[name]["is_unread"]) == (
            "can't tell",
            [why],
            True,
        )
    assert findings["Aurora closed"]["verdict"] == "done"


@pytest.mark.parametrize(("command", "limit"), [("status", 60), ("doctor", 95)])
def test_reading_takes_no_more_calls_than_the_help_says(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, command: str, limit: int
) -> None:
    called: list[str] = []
    make = connection.Connection.client

    def note(model: Any, **_: Any) -> None:
        called.append(model.name)

    def client(self: connection.Connection, service: str, *, repeatable: bool = True) -> Any:
        made = make(self, service, repeatable=repeatable)
        made.meta.events.register("before-call", note)
        return made

    monkeypatch.setattr(connection.Connection, "client", client)
    operator.run(command, *STAGING)
    assert len(SERVICES) < len(called) <= limit
    changing = [name for name in called if not name.startswith(("Describe", "Get", "List", "Head", "BatchGet"))]
    assert changing == []


def test_watching_without_a_terminal_prints_a_screen_per_interval(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.cli import status as command  # noqa: PLC0415

    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", sleep)
    watched = operator.run("status", "--watch", "--interval", "3", "--json", *STAGING)
    screens = [json.loads(line) for line in watched.stdout.splitlines()]
    assert (watched.exit_code, [screen["stack"] for screen in screens], waited) == (130, ["staging", "staging"], [3, 3])


def test_interval_without_watch_is_refused(operator: Operator) -> None:
    refused = operator.run("status", "--interval", "3", *STAGING)
    assert (refused.exit_code, refused.stderr) == (2, "--interval: came 3 without --watch; allowed: both\n")
