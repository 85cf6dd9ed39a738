"""Which keys the revisions that run refer to, which of them lack, and taking back the deletion of a secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from tests.workbench.operations.failing import failure, refused
from tests.workbench.operations.seen import D, arn, service
from workbench.aws.ecs.services import Service
from workbench.aws.ecs.task_definitions import TaskDefinition
from workbench.aws.secrets_manager.versions import NoObjectError, Secret, SecretVersion
from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.secrets.check import Lack, Need, SecretCheck, check_secrets
from workbench.operations.secrets.restore import plan_restore, restore

GOING = datetime(2026, 6, 1, tzinfo=UTC)


def secret_arn(name: str) -> str:
    return f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-a1B2c3"


@dataclass
class Account:
    """Two services' revisions, and what the secrets that they refer to hold."""

    needs: Mapping[int, Mapping[str, str]]
    """By revision: what each variable is filled from, ``secret`` or ``secret:key``."""
    holds: Mapping[str, Mapping[str, Any] | str | None]
    """By secret; a text is what is wrong with it."""
    newest_revision: AwsError | int = 8
    deployments: Sequence[D] = (D(revision=8),)
    restored: list[str] = field(default_factory=list[str])

    def check(self) -> SecretCheck:
        mine = cast("Any", self)
        return check_secrets({"api": "shop-api"}, ecs=mine, task_definitions=mine, secrets=mine)

    def services(self, names: Sequence[str]) -> Mapping[str, Service]:
        assert names == ["shop-api"]
        return {"shop-api": service(*self.deployments)} if self.deployments else {}

    def newest(self, family: str) -> TaskDefinition:
        assert family == "shop-api"
        if isinstance(self.newest_revision, AwsError):
            raise self.newest_revision
        return self.described(arn(self.newest_revision))

    def described(self, name: str) -> TaskDefinition:
        number = int(name.rpartition(":")[2])
        secrets: list[Mapping[str, str]] = []
        for variable, needed in self.needs[number].items():
            secret, _, key = needed.partition(":")
            value = f"{secret_arn(secret)}:{key}::" if key else secret_arn(secret)
            secrets.append({"name": variable, "valueFrom": value})
        document = {"containerDefinitions": [{"name": "app", "secrets": secrets}]}
        return TaskDefinition(arn=arn(number), status="ACTIVE", document=document, tags=())

    def secret(self, name: str) -> Secret | None:
        short = name.removeprefix("arn:aws:secretsmanager:eu-west-1:123456789012:secret:").removesuffix("-a1B2c3")
        if short not in self.holds:
            return None
        deleted = GOING if self.holds[short] == "going" else None
        return Secret(name=short, arn=name, changed_at=None, deleted_on=deleted)

    def current(self, name: str) -> SecretVersion | None:
        held = self.holds[name.rpartition(":")[2].removesuffix("-a1B2c3")]
        if isinstance(held, str):
            raise NoObjectError("no object")
        return None if held is None else SecretVersion(id="v", values=held)

    def restore(self, name: str) -> None:
        self.restored.append(name)


def lines(account: Account) -> list[str]:
    return [lack.line for lack in account.check().lacks]


def test_every_key_of_what_runs_and_of_the_newest_is_checked_once() -> None:
    account = Account(
        needs={7: {"OLD": "env:OLD", "A": "env:A"}, 8: {"A": "env:A", "B": "env:B", "WHOLE": "key"}, 9: {"A": "env:A"}},
        holds={"env": {"A": "x", "B": ""}, "key": {}},
        newest_revision=9,
        deployments=(D(revision=8), D(id="ecs-svc/1", revision=7), D(id="ecs-svc/3", revision=9)),
    )
    check = account.check()
    assert (check.checked, check.absent_services, check.passed) == (4, (), False)
    assert lines(account) == [
        "env B: empty; needed by api:8/app/B",
        "env OLD: missing; needed by api:7/app/OLD",
    ]
    whole = Account(needs={8: {"A": "env:A"}}, holds={})
    assert [need.revision for need in whole.check().lacks[0].needed_by] == [8]


@pytest.mark.parametrize(
    ("holds", "problem"),
    [
        ({}, "there is no such secret"),
        ({"env": "going"}, "the secret is to be deleted; `zelly secrets restore env` keeps it"),
        ({"env": "no object"}, "the secret holds no JSON object"),
        ({"env": None}, "the secret holds nothing yet"),
        ({"env": {"B": "x"}}, "missing"),
    ],
)
def test_each_fault_of_a_secret_is_said(holds: Mapping[str, Any], problem: str) -> None:
    assert lines(Account(needs={8: {"A": "env:A"}}, holds=holds)) == [f"env A: {problem}; needed by api:8/app/A"]


def test_whole_secret_has_to_be_there_and_nothing_more() -> None:
    assert lines(Account(needs={8: {"A": "env"}}, holds={"env": {}})) == []
    assert lines(Account(needs={8: {"A": "env"}}, holds={"env": None})) == [
        "env: the secret holds nothing yet; needed by api:8/app/A"
    ]


def test_service_without_a_revision_is_absent_and_a_refusal_is_none() -> None:
    unknown = failure("ecs:DescribeTaskDefinition", Reason.REFUSED, "ClientException")
    absent = Account(needs={}, holds={}, newest_revision=unknown, deployments=()).check()
    assert absent == SecretCheck(checked=0, lacks=(), absent_services=("api",))
    running = Account(needs={8: {"A": "env:A"}}, holds={"env": {"A": "x"}}, newest_revision=unknown).check()
    assert running == SecretCheck(checked=1, lacks=(), absent_services=())
    with pytest.raises(AwsError):
        Account(needs={}, holds={}, newest_revision=failure("ecs:DescribeTaskDefinition", Reason.DENIED)).check()


def test_deletion_is_taken_back() -> None:
    account = Account(needs={}, holds={"env": "going"})
    plan = plan_restore("env", cast("Any", account))
    assert plan.lines() == ["env: would be gone on 2026-06-01T00:00:00Z, will stay"]
    assert plan.document() == {"secret": "env", "deleted_on": "2026-06-01T00:00:00Z"}
    restore(plan, cast("Any", account))
    assert account.restored == ["env"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("none", "secret none: not there, or gone for good; `zelly secrets list` shows those there are"),
        ("env", "secret env: not scheduled for deletion; there is nothing to take back"),
    ],
)
def test_secret_that_stays_or_is_gone_is_not_restored(name: str, line: str) -> None:
    assert refused(plan_restore, name, cast("Any", Account(needs={}, holds={"env": {}}))) == [line]


NEED = Need(service="api", revision=7, container="app", variable="TOKEN")


def test_lack_names_who_needs_it() -> None:
    lack = Lack(secret="shop/env", key="TOKEN", problem="empty", needed_by=(NEED, NEED))
    assert lack.line == "shop/env TOKEN: empty; needed by api:7/app/TOKEN, api:7/app/TOKEN"
    whole = Lack(secret="shop/env", key="", problem="there is no such secret", needed_by=(NEED,))
    assert whole.line == "shop/env: there is no such secret; needed by api:7/app/TOKEN"
    assert whole.document() == {
        "secret": "shop/env",
        "key": "",
        "problem": "there is no such secret",
        "needed_by": [{"service": "api", "revision": 7, "container": "app", "variable": "TOKEN"}],
    }


@pytest.mark.parametrize(("lacks", "absent", "passed"), [(0, 0, True), (1, 0, False), (0, 1, False), (1, 1, False)])
def test_check_passes_only_where_nothing_lacks_and_every_service_is_known(
    lacks: int, absent: int, passed: bool
) -> None:
    lack = Lack(secret="s", key="K", problem="empty", needed_by=(NEED,))
    assert SecretCheck(checked=9, lacks=(lack,) * lacks, absent_services=("api",) * absent).passed is passed
