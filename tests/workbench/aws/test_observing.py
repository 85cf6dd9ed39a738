"""What is made of AWS's answers about balancers, stores, hosts, certificates, alarms and who hears them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from workbench.aws.acm import Acm
from workbench.aws.cloudwatch import Alarm, CloudWatch, Metric
from workbench.aws.ec2.instances import CidrRule, Ec2, HostEvent, Image
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.aws.elasticache.replication_groups import ElastiCache, ReplicationGroup
from workbench.aws.logs.groups import LogGroup, LogGroups
from workbench.aws.rds.clusters import Rds
from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError
from workbench.aws.sns import Sns, Subscription

Stub = Callable[[str], tuple[Connection, Stubber]]
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    """Give a connection whose one client answers what it is told to, once, and refuses every other call."""
    stubbers: list[Stubber] = []

    def make(service: str) -> tuple[Connection, Stubber]:
        connection = Connection("eu-west-1")
        client = connection.client(service)
        stubber = Stubber(client)
        stubber.activate()
        stubbers.append(stubber)
        monkeypatch.setattr(connection, "client", partial(_client, client))
        return connection, stubber

    yield make
    for stubber in stubbers:
        stubber.assert_no_pending_responses()


def _client(client: Any, _service: str) -> Any:
    return client


def _balancer(name: str, *zones: dict[str, Any]) -> dict[str, Any]:
    return {
        "LoadBalancerName": name,
        "LoadBalancerArn": f"arn:{name}",
        "DNSName": f"{name}.example",
        "State": {"Code": "active"},
        "AvailabilityZones": list(zones),
    }


def test_balancers_of_two_pages_are_found_by_name_with_their_elastic_ips(stub: Stub) -> None:
    connection, stubber = stub("elbv2")
    stubber.add_response(
        "describe_load_balancers", {"LoadBalancers": [_balancer("alb"), _balancer("other")], "NextMarker": "2"}, {}
    )
    nlb = _balancer(
        "nlb",
        {"LoadBalancerAddresses": [{"IpAddress": "192.0.2.2", "AllocationId": "eipalloc-2"}]},
        {"LoadBalancerAddresses": [{"IpAddress": "192.0.2.1"}]},
        {"LoadBalancerAddresses": [{}]},
    )
    stubber.add_response("describe_load_balancers", {"LoadBalancers": [nlb]}, {"Marker": "2"})
    found = ElasticLoadBalancing(connection).balancers(["alb", "nlb", "absent"])
    assert {name: (balancer.dns_name, balancer.addresses) for name, balancer in found.items()} == {
        "alb": ("alb.example", ()),
        "nlb": ("nlb.example", ("192.0.2.1", "192.0.2.2")),
    }


def test_replication_group_that_goes_is_not_the_one_that_is_asked_for(stub: Stub) -> None:
    connection, stubber = stub("elasticache")
    groups = [
        {"ReplicationGroupId": "shop-redis-1", "Status": "deleting", "MemberClusters": ["shop-redis-1-001"]},
        {
            "ReplicationGroupId": "shop-redis-2",
            "Status": "available",
            "CacheNodeType": "cache.t4g.micro",
            "MemberClusters": ["shop-redis-2-001"],
        },
        {"ReplicationGroupId": "ashop-redis-3", "Status": "available"},
    ]
    for _ in range(2):
        stubber.add_response("describe_replication_groups", {"ReplicationGroups": groups}, {})
    elasticache = ElastiCache(connection)
    assert elasticache.replication_group("shop-redis-") == ReplicationGroup(
        id="shop-redis-2", status="available", node_type="cache.t4g.micro", node_ids=("shop-redis-2-001",)
    )
    assert elasticache.replication_group("shop-cache-") is None


def test_newest_snapshot_is_a_finished_automatic_one(stub: Stub) -> None:
    connection, stubber = stub("elasticache")
    asked = {"ReplicationGroupId": "shop-redis-1", "SnapshotSource": "system"}
    snapshots = [
        {"SnapshotStatus": "available", "NodeSnapshots": [{"SnapshotCreateTime": NOW - 2 * DAY}]},
        {"SnapshotStatus": "available", "NodeSnapshots": [{"SnapshotCreateTime": NOW - DAY}]},
        {"SnapshotStatus": "creating", "NodeSnapshots": [{"SnapshotCreateTime": NOW}]},
    ]
    stubber.add_response("describe_snapshots", {"Snapshots": snapshots}, asked)
    stubber.add_response("describe_snapshots", {"Snapshots": []}, asked)
    group = ReplicationGroup(id="shop-redis-1", status="available", node_type="", node_ids=())
    elasticache = ElastiCache(connection)
    assert elasticache.newest_snapshot(group) == NOW - DAY
    assert elasticache.newest_snapshot(group) is None


def test_hosts_are_found_by_name_with_the_worse_of_their_two_checks_and_what_is_to_come(stub: Stub) -> None:
    connection, stubber = stub("ec2")

    def instance(identifier: str, name: str, state: str) -> dict[str, Any]:
        return {
            "InstanceId": identifier,
            "InstanceType": "t3.micro",
            "ImageId": "ami-1",
            "State": {"Name": state},
            "Tags": [{"Key": "x", "Value": "y"}, {"Key": "Name", "Value": name}],
            "PrivateIpAddress": "10.0.0.4",
        }

    stubber.add_response(
        "describe_instances",
        {
            "Reservations": [
                {"Instances": [instance("i-1", "a", "running"), instance("i-2", "a", "terminated")]},
                {"Instances": [instance("i-3", "b", "stopped"), instance("i-4", "c", "running")]},
            ]
        },
        {"Filters": [{"Name": "tag:Name", "Values": ["a", "b", "c"]}]},
    )
    stubber.add_response(
        "describe_instance_status",
        {
            "InstanceStatuses": [
                {"InstanceId": "i-1", "InstanceStatus": {"Status": "ok"}, "SystemStatus": {"Status": "impaired"}},
                {
                    "InstanceId": "i-4",
                    "InstanceStatus": {"Status": "initializing"},
                    "SystemStatus": {"Status": "ok"},
                    "Events": [
                        {"Code": "instance-retirement", "Description": "The instance is running on degraded hardware"},
                        {"Code": "system-reboot", "Description": "[Completed] scheduled reboot", "NotBefore": NOW},
                        {"Code": "system-reboot", "Description": "[Canceled] scheduled reboot"},
                    ],
                },
            ]
        },
        {"InstanceIds": ["i-1", "i-3", "i-4"]},
    )
    found = Ec2(connection).instances(["a", "b", "c"])
    assert {name: (host.id, host.state, host.checks) for name, host in found.items()} == {
        "a": ("i-1", "running", "impaired"),
        "b": ("i-3", "stopped", "unknown"),
        "c": ("i-4", "running", "initializing"),
    }
    assert found["c"].events == (HostEvent(instance_id="i-4", code="instance-retirement", not_before=None),)
    assert found["a"].events == ()


def test_images_are_found_though_one_was_withdrawn(stub: Stub) -> None:
    connection, stubber = stub("ec2")
    stubber.add_response(
        "describe_images",
        {"Images": [{"ImageId": "ami-1", "Name": "al2023-ami", "CreationDate": "2026-09-30T10:11:12.000Z"}]},
        {"Filters": [{"Name": "image-id", "Values": ["ami-1", "ami-2"]}], "IncludeDeprecated": True},
    )
    made = datetime(2026, 9, 30, 10, 11, 12, tzinfo=UTC)
    assert Ec2(connection).images({"ami-2", "ami-1"}) == {
        "ami-1": Image(id="ami-1", name="al2023-ami", created_at=made)
    }


def test_hosts_that_are_not_there_are_not_asked_about(stub: Stub) -> None:
    connection, stubber = stub("ec2")
    stubber.add_response("describe_instances", {"Reservations": []}, {"Filters": ANY})
    assert Ec2(connection).instances(["a"]) == {}


def test_ranges_are_those_that_are_let_in(stub: Stub) -> None:
    connection, stubber = stub("ec2")
    ports = {"GroupId": "sg-1", "FromPort": 3306, "ToPort": 3306}
    rules = [
        {**ports, "IsEgress": False, "CidrIpv4": "0.0.0.0/0"},
        {**ports, "IsEgress": False, "CidrIpv6": "::/0"},
        {**ports, "IsEgress": False, "ReferencedGroupInfo": {"GroupId": "sg-2"}},
        {**ports, "IsEgress": True, "CidrIpv4": "0.0.0.0/0"},
    ]
    stubber.add_response(
        "describe_security_group_rules",
        {"SecurityGroupRules": rules},
        {"Filters": [{"Name": "group-id", "Values": ["sg-1"]}]},
    )
    assert Ec2(connection).ingress_cidrs(["sg-1"]) == [
        CidrRule(group_id="sg-1", cidr=cidr, from_port=3306, to_port=3306) for cidr in ("0.0.0.0/0", "::/0")
    ]


def test_newest_volume_snapshot_is_asked_for_by_its_tag(stub: Stub) -> None:
    connection, stubber = stub("ec2")
    stubber.add_response(
        "describe_snapshots",
        {"Snapshots": [{"StartTime": NOW - DAY}, {"StartTime": NOW}, {"StartTime": NOW - 2 * DAY}]},
        {
            "OwnerIds": ["self"],
            "Filters": [
                {"Name": "tag:SnapshotPolicy", "Values": ["shop"]},
                {"Name": "status", "Values": ["completed"]},
            ],
        },
    )
    assert Ec2(connection).newest_snapshot("SnapshotPolicy", "shop") == NOW


def test_of_several_certificates_the_one_in_use_counts(stub: Stub) -> None:
    connection, stubber = stub("acm")

    def summary(arn: str, domain: str, *, in_use: bool) -> dict[str, Any]:
        arn = f"arn:aws:acm:eu-west-1:123456789012:certificate/{arn}"
        return {"CertificateArn": arn, "DomainName": domain, "Status": "ISSUED", "InUse": in_use, "NotAfter": NOW}

    summaries = [
        summary("1", "a.example", in_use=True),
        summary("2", "a.example", in_use=False),
        summary("3", "other.example", in_use=True),
    ]
    stubber.add_response("list_certificates", {"CertificateSummaryList": summaries}, {})
    found = Acm(connection).of_domains(["a.example", "b.example"])
    assert {name: (certificate.arn[-1], certificate.is_in_use) for name, certificate in found.items()} == {
        "a.example": ("1", True)
    }


def test_alarm_says_since_when_and_whom_it_tells(stub: Stub) -> None:
    connection, stubber = stub("cloudwatch")
    stubber.add_response(
        "describe_alarms",
        {
            "MetricAlarms": [
                {
                    "AlarmName": "shop-b",
                    "StateValue": "ALARM",
                    "StateReason": "high",
                    "StateUpdatedTimestamp": NOW,
                    "StateTransitionedTimestamp": NOW - DAY,
                    "AlarmActions": ["arn:topic"],
                },
                {"AlarmName": "shop-a", "StateValue": "OK", "StateUpdatedTimestamp": NOW},
            ],
            "CompositeAlarms": [{"AlarmName": "shop-outage", "StateValue": "OK", "AlarmActions": ["arn:pager"]}],
        },
        {"AlarmNamePrefix": "shop-", "AlarmTypes": ["CompositeAlarm", "MetricAlarm"]},
    )
    assert CloudWatch(connection).alarms("shop-") == [
        Alarm(name="shop-a", state="OK", reason="", since=NOW, actions=()),
        Alarm(name="shop-b", state="ALARM", reason="high", since=NOW - DAY, actions=("arn:topic",)),
        Alarm(name="shop-outage", state="OK", reason="", since=None, actions=("arn:pager",)),
    ]


def test_newest_value_of_a_metric_is_the_first_and_none_is_left_out(stub: Stub) -> None:
    connection, stubber = stub("cloudwatch")
    stubber.add_response(
        "get_metric_data",
        {
            "MetricDataResults": [
                {"Id": "m0", "Values": [3.5, 2.0]},
                {"Id": "m1", "Values": []},
            ]
        },
        {
            "MetricDataQueries": [
                {
                    "Id": f"m{number}",
                    "MetricStat": {
                        "Metric": {"Namespace": "N", "MetricName": name, "Dimensions": [{"Name": "D", "Value": "V"}]},
                        "Period": 60,
                        "Stat": "Maximum",
                    },
                }
                for number, name in enumerate(("A", "B"))
            ],
            "StartTime": ANY,
            "EndTime": ANY,
            "ScanBy": "TimestampDescending",
        },
    )
    metrics = {
        key: Metric(namespace="N", name=name, dimensions={"D": "V"}, statistic="Maximum")
        for key, name in (("a", "A"), ("b", "B"))
    }
    cloudwatch = CloudWatch(connection)
    assert cloudwatch.latest(metrics) == {"a": 3.5}
    assert cloudwatch.latest({}) == {}


def test_cluster_that_is_not_there_is_none_and_a_refusal_is_an_error(stub: Stub) -> None:
    connection, stubber = stub("rds")
    rds = Rds(connection)
    stubber.add_client_error("describe_db_clusters", "DBClusterNotFoundFault", "no such cluster")
    assert rds.cluster("shop") is None
    stubber.add_client_error("describe_db_clusters", "AccessDenied", "no")
    with pytest.raises(AwsError, match="rds:DescribeDBClusters, cluster shop: AccessDenied: no"):
        rds.cluster("shop")


def test_subscription_is_confirmed_once_it_has_an_arn(stub: Stub) -> None:
    connection, stubber = stub("sns")
    stubber.add_response(
        "list_subscriptions_by_topic",
        {
            "Subscriptions": [
                {"Protocol": "email", "Endpoint": "b@shop.example", "SubscriptionArn": "PendingConfirmation"},
                {"Protocol": "email", "Endpoint": "a@shop.example", "SubscriptionArn": "arn:topic:1"},
            ]
        },
        {"TopicArn": "arn:topic"},
    )
    assert Sns(connection).subscriptions("arn:topic") == [
        Subscription(protocol="email", endpoint="a@shop.example", is_confirmed=True),
        Subscription(protocol="email", endpoint="b@shop.example", is_confirmed=False),
    ]


def test_log_group_without_retention_says_none(stub: Stub) -> None:
    connection, stubber = stub("logs")
    groups = [{"logGroupName": "/shop/b"}, {"logGroupName": "/shop/a", "retentionInDays": 30}]
    stubber.add_response("describe_log_groups", {"logGroups": groups}, {"logGroupNamePrefix": "/shop/"})
    assert LogGroups(connection).named("/shop/") == [
        LogGroup(name="/shop/a", retention_days=30),
        LogGroup(name="/shop/b", retention_days=None),
    ]
