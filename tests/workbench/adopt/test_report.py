"""The report: four lists with costs and dangers, and no secret."""

import json
from decimal import Decimal

import pytest

from tests.workbench.adopt.plans import matched, planned
from tests.workbench.adopt.shop import INGRESS, ROLE, live, services
from tests.workbench.adopt.states import resource
from workbench.adopt.danger import danger_of, names_of_records
from workbench.adopt.elsewhere import looked_up
from workbench.adopt.model import Instance, Matching
from workbench.adopt.report import matching_json, matching_lines
from workbench.adopt.translation import translated

_COSTS = {"shop-live-api-role": Decimal("1.50"), "shop-live-web-role": Decimal(0)}


def _of_each_list() -> Matching:
    return matched(
        [*services("api", "web"), planned(ROLE, "shop-live-batch-role", {})],
        [
            *live("api", "web", role="one"),
            resource("module.x.aws_iam_role.batch", {"id": "b"}),
            resource("null_resource.x", {"id": "1"}),
        ],
    )


def test_lists_are_counted_and_hold_what_each_is() -> None:
    document = matching_json(_of_each_list(), _COSTS.get, {})
    assert {name: len(entries) for name, entries in document.items()} == {
        "matched": 8,
        "program_only": 2,
        "state_only": 2,
        "ambiguous": 1,
    }
    assert document["matched"][0] == {
        "address": "module.a.aws_ecs_cluster.main",
        "type": "aws:ecs/cluster:Cluster",
        "name": "shop-live-cluster",
        "id": "shop",
        "proof": "name shop",
    }
    assert document["program_only"][0] == {"type": ROLE, "name": "shop-live-api-role", "usd_per_month": 1.5}
    assert document["state_only"] == [
        {
            "address": "module.a.aws_iam_role.execution",
            "type": "aws_iam_role",
            "danger": "one for all 2 that have one each in the program; "
            "what it may do, it may do on, for whoever it trusts",
        },
        {
            "address": "null_resource.x",
            "type": "null_resource",
            "danger": "the table of types has no row for null_resource",
        },
    ]
    assert document["ambiguous"] == [
        {
            "type": ROLE,
            "name": "shop-live-batch-role",
            "candidates": [{"address": "module.x.aws_iam_role.batch"}],
            "why": "both are called batch",
        }
    ]


def test_lines_begin_with_how_many_and_without_full_leave_out_what_needs_no_eyes() -> None:
    found = _of_each_list()
    lines = list(matching_lines(found, _COSTS.get, {}, full=True))
    assert lines[0] == "8 matched, 2 in the program only, 2 in the state only, 1 ambiguous."
    assert "2 resources in the program only, to be created for 1.50 USD a month:" in lines
    assert "  shop-live-api-role  Role  1.50 USD a month" in lines
    short = list(matching_lines(found, _COSTS.get, {}, full=False))
    # Proved pairs, and what costs nothing, are only counted.
    assert set(short) < set(lines)
    assert "8 pairs proved, to be imported:" not in short
    assert "  shop-live-api-role  Role  1.50 USD a month" in short


@pytest.mark.parametrize(
    ("terraform_type", "attributes", "words"),
    [
        (
            "aws_vpc_security_group_egress_rule",
            {"security_group_id": "sg-1", "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"},
            "egress to 0.0.0.0/0, everything, of sg-1 stays open",
        ),
        (
            "aws_vpc_security_group_ingress_rule",
            {
                "security_group_id": "sg-1",
                "ip_protocol": "tcp",
                "from_port": 22,
                "to_port": 23,
                "cidr_ipv4": "0.0.0.0/0",
            },
            "ingress from 0.0.0.0/0, tcp 22 to 23, of sg-1 stays open to the whole internet",
        ),
        ("aws_rds_cluster", {"id": "db"}, "keeps, and nothing protects any more, the databases in it; costs go on"),
        ("aws_subnet", {"id": "s"}, "stays as it is, and nobody manages it"),
        ("aws_security_group_rule", {"id": "sgrule-1"}, "not taken: held as the single rules that AWS makes of it"),
    ],
)
def test_what_stays_behind_has_a_word_on_its_danger(
    terraform_type: str, attributes: dict[str, object], words: str
) -> None:
    item = translated(Instance(address="a", type=terraform_type, attributes=attributes))
    assert danger_of(item).startswith(words)


def test_a_record_in_the_way_of_the_program_s_is_said_to_be() -> None:
    record = translated(
        Instance(address="a", type="cloudflare_record", attributes={"id": "r", "hostname": "Www.x.org"})
    )
    made = planned("cloudflare:index/dnsRecord:DnsRecord", "shop-live-www", {"name": "www.x.org", "type": "A"})
    assert "delete it first" in danger_of(record, records=names_of_records([made]))
    assert "delete it first" not in danger_of(record, records=names_of_records([]))


def test_what_terraform_only_looks_up_is_said_to_be_there_already() -> None:
    made = [planned("aws:ecr/repository:Repository", f"shop-live-{name}", {"name": f"shop/{name}"}) for name in "ab"]
    data = Instance(address="data.aws_ecr_repository.a", type="aws_ecr_repository", attributes={"name": "shop/a"})
    there = looked_up(made, [data])
    assert there == {"shop-live-a": "data.aws_ecr_repository.a"}
    found = matched(made, [resource("null_resource.x", {"id": "1"})])
    assert [each.get("looked_up_as") for each in matching_json(found, _COSTS.get, there)["program_only"]] == [
        "data.aws_ecr_repository.a",
        None,
    ]
    assert "looks it up as data.aws_ecr_repository.a" in "".join(matching_lines(found, _COSTS.get, there, full=False))


def test_no_secret_is_in_a_report() -> None:
    hook = {"topic_arn": "arn:t", "protocol": "https", "endpoint": "https://user:hush@example.org/hush?token=hush"}
    made = [
        planned("aws:sns/topic:Topic", "shop-live-alarms", {"name": "alarms"}),
        planned(
            "aws:sns/topicSubscription:TopicSubscription",
            "shop-live-alarms-hook",
            {"topic": "${shop-live-alarms.arn}", "protocol": "https", "endpoint": hook["endpoint"]},
        ),
        planned(INGRESS, "shop-live-rule", {}),
    ]
    found = matched(
        made,
        [
            resource("aws_sns_topic.a", {"id": "arn:t", "arn": "arn:t", "name": "alarms"}),
            resource("aws_sns_topic_subscription.a", {"id": "arn:t:1", **hook}),
            resource("random_password.left", {"id": "none", "result": "hush"}),
            resource("aws_db_instance.left", {"id": "db", "password": "hush"}),
        ],
    )
    assert len(found.matched) == 2
    assert "hush" not in json.dumps(matching_json(found, _COSTS.get, {})) + "".join(
        matching_lines(found, _COSTS.get, {}, full=True)
    )
