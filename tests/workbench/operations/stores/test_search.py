"""Meilisearch's upgrade as an operator sees it: the document's own script, carried out on a host with a stand-in."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.search_host import SearchHost as Host
from tests.workbench.operations.clocks import FakeClock
from tests.workbench.operations.failing import failed, refused
from workbench.aws.ec2.volumes import Ec2Volumes
from workbench.aws.run_command import Invocation, RunCommand
from workbench.errors import OperationInterruptedError
from workbench.operations.stores.redis_host.kind import FAILING, MEMORY, RedisHostFacts
from workbench.operations.stores.redis_host.kind import KIND as REDIS_KIND
from workbench.operations.stores.redis_host.kind import NAMESPACE as REDIS_NAMESPACE
from workbench.operations.stores.search.agent import SearchAgent, parsed
from workbench.operations.stores.search.kind import BACKUP, FAILED, NAMESPACE, SearchFacts
from workbench.operations.stores.search.kind import KIND as SEARCH_KIND
from workbench.operations.stores.search.upgrade import discard, plan_discard, plan_upgrade, upgrade
from workbench.stores import RedisHost, SearchHost
from zelly_components.alarms import redis_host as redis_alarms
from zelly_components.alarms import search as search_alarms
from zelly_components.search_host import document_content

STORE = SearchHost(
    label="Meilisearch",
    host="shop-search",
    volume="shop-search-data",
    zone="eu-west-1a",
    volume_gib=20,
    version="1.13.0",
    version_setting="search.version",
    secret="shop/search/keys",
    document="shop-search",
    log_group="/shop/search",
)
REDIS = RedisHost(
    label="Redis host",
    host="shop-redis",
    volume="shop-redis-data",
    zone="eu-west-1a",
    volume_gib=8,
    secret="shop/redis",
)


class Instances(Ec2Volumes):
    """EC2 with one host, or none."""

    def __init__(self, instance_id: str | None = "i-1") -> None:
        self._instance_id = instance_id

    def host(self, name: str) -> str | None:
        return self._instance_id if name == "shop-search" else None


@dataclass
class Sent(RunCommand):
    """Run Command, whose document runs on a host below a folder."""

    host: Host
    calls: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    ended: dict[str, Invocation] = field(default_factory=dict[str, Invocation])
    interrupted: bool = False
    silent: bool = False

    def send(
        self, document: str, instance_id: str, parameters: Mapping[str, str], *, log_group: str, comment: str
    ) -> str:
        assert (document, instance_id, log_group) == ("shop-search", "i-1", "/shop/search")
        self.calls.append(parameters)
        (script,) = document_content()["mainSteps"][0]["inputs"]["runCommand"]
        for name, value in parameters.items():
            script = script.replace(f"{{{{ {name} }}}}", value)
        _, program, *arguments = shlex.split(script)
        ran = self.host.run(Path(program).name, *arguments)
        self.ended[comment] = Invocation(
            status="Success" if ran.status == 0 else "Failed",
            detail="Success" if ran.status == 0 else "Failed",
            exit_code=ran.status,
            output="" if self.silent else json.dumps(ran.document),
            error="" if self.silent else "\n".join(ran.lines),
        )
        return comment

    def invocation(self, command_id: str, instance_id: str) -> Invocation | None:
        assert instance_id == "i-1"
        if self.interrupted:
            raise KeyboardInterrupt
        return self.ended[command_id]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A host that serves 1.7.6 with three documents, and is told of 1.13.0."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    host = Host(tmp_path)
    assert host.run("search-host", "apply").status == 0
    host.fill()
    host.configure("1.13.0")
    yield host
    host.kill()


def agent(host: Host, sent: Sent | None = None, ec2: Instances | None = None) -> SearchAgent:
    return SearchAgent(
        store=STORE,
        stack="staging",
        ec2=ec2 or Instances(),
        run_command=sent or Sent(host),
        clock=FakeClock(),
        say=list[str]().append,
    )


def test_upgrade_is_planned_carried_out_and_the_old_database_discarded(host: Host) -> None:
    asked = agent(host)
    plan = plan_upgrade(asked, "1.13.0", accepts_late_writes=False)
    lines = plan.lines()
    assert [*lines[:2], *lines[3:]] == [
        "Meilisearch in staging: 1.7.6 to 1.13.0",
        "  beside what serves, from a dump, imported; 1 index, 3 documents",
        "  compared, and then switched: services are without it for some seconds",
        "When services write after the dump, nothing is switched: let nobody write meanwhile.",
        "The database of 1.7.6 stays until `zelly search upgrade 1.13.0 --discard --stack staging`.",
    ]
    answer = upgrade(plan, asked)
    assert (answer.version, answer.documents, answer.earlier) == ("1.13.0", {"products": 3}, ("1.7.6",))
    assert refused(plan_upgrade, asked, "1.13.0", accepts_late_writes=False) == [
        "Meilisearch in staging: 1.13.0 serves already"
    ]
    rid = plan_discard(asked, "1.13.0")
    assert rid.lines() == ["Meilisearch in staging: 1.13.0 serves", "  deletes the database of 1.7.6"]
    assert discard(asked).earlier == ()
    assert plan_discard(asked, "1.13.0").lines()[1] == "  there is no other database"


def test_failed_upgrade_says_what_serves_and_how_to_go_on(host: Host) -> None:
    host.configure("1.13.0", ["forgets-a-document"])
    asked = agent(host)
    assert failed(upgrade, plan_upgrade(asked, "1.13.0", accepts_late_writes=False), asked) == [
        "1.13.0 did not get beyond the step compare: documents differ: products: 3 became 2",
        "1.7.6 serves as before, with 3 documents; nothing of the attempt is left.",
        "Mend it, and the same command goes again. The host's log group is /shop/search.",
    ]


def test_refusals_come_before_anything_is_sent_that_changes_something(host: Host) -> None:
    sent = Sent(host)
    asked = agent(host, sent)
    assert refused(plan_upgrade, asked, "1.14.0", accepts_late_writes=False) == [
        "VERSION: came 1.14.0; Pulumi.staging.yaml pins 1.13.0 (search.version): what is brought to the host is what "
        "stands there"
    ]
    assert refused(plan_discard, asked, "1.13.0") == [
        "VERSION: came 1.13.0; 1.7.6 serves, and its database is not an old one"
    ]
    host.configure("1.12.0")
    assert refused(plan_upgrade, asked, "1.13.0", accepts_late_writes=False) == [
        "shop-search is told 1.12.0, and not yet 1.13.0: `pulumi up --stack staging`, and wait until it has looked, "
        "which it does every five minutes"
    ]
    host.kill()
    assert refused(plan_upgrade, asked, "1.13.0", accepts_late_writes=False) == [
        "Meilisearch in staging does not answer on its host; mend it first: log group /shop/search"
    ]
    assert {call["action"] for call in sent.calls} == {"status"}


def test_host_that_is_not_there_or_says_nothing_is_told(host: Host) -> None:
    assert refused(agent(host, ec2=Instances(None)).ask, "status") == [
        "host shop-search: not there; `pulumi up` makes it"
    ]
    assert failed(agent(host, Sent(host, silent=True)).ask, "status") == [
        "status on shop-search: Success, exit code 0, without an answer of the host",
        "Its log group is /shop/search. The embedded AWS has no hosts to answer.",
    ]


def test_operator_who_leaves_is_told_what_goes_on(host: Host) -> None:
    sent = Sent(host, interrupted=True)
    with pytest.raises(OperationInterruptedError) as left:
        agent(host, sent).ask("upgrade", version="1.13.0")
    assert left.value.lines == (
        "The host goes on without this command (upgrade 1.13.0): it ends with the new version or with the old one.",
        "`zelly search status --stack staging` tells.",
    )


@pytest.mark.parametrize("text", ["", "null", "{", "[]", '{"outcome": "healthy"}'])
def test_what_is_no_answer_is_none(text: str) -> None:
    assert parsed(text) is None


def test_rows_tell_what_the_hosts_publish() -> None:
    assert (NAMESPACE, REDIS_NAMESPACE) == (search_alarms.METRICS_NAMESPACE, redis_alarms.METRICS_NAMESPACE)
    well = SEARCH_KIND.row(STORE, SearchFacts(values={FAILED: 0, BACKUP: 3}))
    assert (well.state.name, well.what) == ("WELL", "1.13.0 pinned; failed tasks: 0; newest dump: 3 hours old")
    broken = [{FAILED: 1, BACKUP: 3}, {FAILED: 0, BACKUP: 30}]
    assert {SEARCH_KIND.row(STORE, SearchFacts(values=values)).state.name for values in broken} == {"BROKEN"}
    full = REDIS_KIND.row(REDIS, RedisHostFacts(values={MEMORY: 71.4, FAILING: 0}))
    assert (full.state.name, full.what) == ("WELL", "memory: 71 % full; writes reach its volume")
    stuck = REDIS_KIND.row(REDIS, RedisHostFacts(values={MEMORY: 71.4, FAILING: 1}))
    assert (stuck.state.name, stuck.what) == ("BROKEN", "memory: 71 % full; CAN'T WRITE TO ITS VOLUME")
    assert REDIS_KIND.row(REDIS, RedisHostFacts(values={})).what == "memory: no data"
