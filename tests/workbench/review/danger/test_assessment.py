"""What a reviewer is told of a change, in which order, and what the exit code then is."""

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from tests.support.sample import OWNER, evaluation_of
from tests.workbench.review.plans import Program, compared, network
from workbench.providers.replacement import rules
from workbench.review.danger.assessment import Assessment, ExitCode, Severity, assess, reasons
from workbench.review.danger.in_place import EFFECTS
from workbench.review.danger.stakes import GUARDS, HARMLESS, STATEFUL

PROTECTED = pulumi.ResourceOptions(protect=True)
MADE_FIRST = "the new one is made before the old one is deleted"
DELETED_FIRST = "the old one is deleted before the new one is made"
ON_PURPOSE = "on purpose: docs/recovery.md#replacing-what-is-protected"
REFUSED = f"Pulumi refuses in the preview, since it is protected ({ON_PURPOSE})"
KEPT = pulumi.ResourceOptions(retain_on_delete=True)


def assessed(before: Program, after: Program) -> Assessment:
    return assess(compared(before, after))


def told(assessment: Assessment) -> list[tuple[str, str, str]]:
    return [
        (finding.severity.value, one.change.name, finding.words)
        for one in assessment.dangers
        for finding in one.findings
    ]


def nothing() -> None:
    pass


def test_the_same_is_no_change() -> None:
    found = assessed(network, network)
    assert (found.changes, found.exit_code) == ((), ExitCode.SAME)


def test_added_resources_are_changes_without_danger() -> None:
    found = assessed(nothing, network)
    assert (told(found), found.exit_code) == ([], ExitCode.CHANGES)


def test_an_output_alone_is_a_change() -> None:
    assert assessed(nothing, lambda: pulumi.export("a", "b")).exit_code is ExitCode.CHANGES


def test_a_removed_alarm_is_a_change_and_a_removed_store_is_destructive() -> None:
    assert (
        assessed(lambda: aws.cloudwatch.Dashboard("d", dashboard_name="d", dashboard_body="{}"), nothing).exit_code == 3
    )
    found = assessed(lambda: aws.efs.FileSystem("files"), nothing)
    assert told(found) == [
        ("destroys", "files", "removed. Lost: every file on it, such as certificates that were issued")
    ]
    assert found.exit_code == 4


def test_a_store_that_is_renamed_without_an_alias_is_destroyed_and_the_alias_named() -> None:
    found = assessed(
        lambda: aws.sns.Topic("x") and aws.s3.Bucket("old"), lambda: aws.sns.Topic("x") and aws.s3.Bucket("new")
    )
    assert told(found) == [
        (
            "destroys",
            "old",
            "removed (added of the same type: new; if it is this one renamed, give that an Alias). Lost: every "
            "object in it; without forceDestroy AWS refuses while it has objects",
        )
    ]


def test_what_is_kept_at_aws_is_not_destroyed() -> None:
    found = assessed(lambda: aws.s3.Bucket("files", opts=KEPT), nothing)
    assert told(found) == [
        ("replaces", "files", "removed. Lost: nothing at AWS (retainOnDelete), but Pulumi no longer knows the old one")
    ]


def test_what_is_protected_is_refused_and_what_would_be_lost_is_said() -> None:
    def program(cidr: str) -> None:
        aws.ec2.Vpc("net", cidr_block=cidr, opts=PROTECTED)
        aws.ebs.Volume("disk", availability_zone=f"zone-{cidr}", size=1, opts=PROTECTED)

    assert told(assessed(lambda: program("10.0.0.0/16"), lambda: program("10.1.0.0/16"))) == [
        (
            "refused",
            "disk",
            f"replaced because availabilityZone changed: {MADE_FIRST}; {REFUSED}. Lost: the data on the disk",
        ),
        (
            "refused",
            "net",
            f"replaced because cidrBlock changed: {MADE_FIRST}; {REFUSED}",
        ),
    ]


def host(image: str, opts: pulumi.ResourceOptions | None = None, **arguments: bool) -> Program:
    return lambda: aws.ec2.Instance("host", ami=image, instance_type="t3.small", opts=opts, **arguments)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("protection", "opts", "severity", "words"),
    [
        ({}, None, "destroys", ""),
        # Made, and given the volume; then the old one is to go.
        (
            {"disable_api_termination": True},
            None,
            "refused",
            "; disableApiTermination: AWS refuses to terminate it, and the update ends there, half done "
            f"({ON_PURPOSE})",
        ),
        ({"disable_api_termination": True, "force_destroy": True}, None, "destroys", ""),
        ({"disable_api_termination": True, "force_destroy": True}, PROTECTED, "refused", f"; {REFUSED}"),
        ({"disable_api_termination": True}, KEPT, "replaces", None),
    ],
)
def test_it_is_said_who_refuses_a_replacement_and_when(
    protection: dict[str, bool], opts: pulumi.ResourceOptions | None, severity: str, words: str | None
) -> None:
    found = assessed(host("ami-1", opts, **protection), host("ami-2", opts, **protection))
    lost = "its root disk; nothing answers until the new one has booted"
    if words is None:
        lost, words = "nothing at AWS (retainOnDelete), but Pulumi no longer knows the old one", ""
    assert told(found) == [(severity, "host", f"replaced because ami changed: {MADE_FIRST}{words}. Lost: {lost}")]


def test_stateful_resources_stand_first_then_other_replacements_then_interruptions() -> None:
    def program(cidr: str, zone: str, instance: str) -> None:
        network(cidr)
        aws.ec2.Instance("a-host", ami="ami-1", instance_type=instance)
        aws.ebs.Volume("z-disk", availability_zone=zone, size=1)

    found = assessed(lambda: program("10.0.0.0/16", "a", "t3.small"), lambda: program("10.1.0.0/16", "b", "t3.medium"))
    assert told(found) == [
        (
            "destroys",
            "z-disk",
            f"replaced because availabilityZone changed: {MADE_FIRST}. Lost: the data on the disk",
        ),
        ("replaces", "net", f"replaced because cidrBlock changed: {MADE_FIRST}"),
        # What only follows stands behind its cause.
        ("replaces", "sub", f"replaced because vpcId follows net: {MADE_FIRST}"),
        (
            "interrupts",
            "a-host",
            "instanceType t3.small → t3.medium: the instance is stopped and started: it is away for minutes",
        ),
    ]
    assert found.exit_code is ExitCode.DESTRUCTIVE


def test_private_subnets_that_are_sent_another_way_lose_what_they_have_open() -> None:
    def program(*, through_host: bool) -> None:
        vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
        table = aws.ec2.RouteTable("private", vpc_id=vpc.id)
        aws.ec2.Route(
            "out",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=None if through_host else "nat-1",
            network_interface_id="eni-1" if through_host else None,
        )

    def gateway() -> None:
        program(through_host=False)

    def host() -> None:
        program(through_host=True)

    broken = "connections that are open through the old way break and have to be made anew"
    unfinished = "a host that is made in the same update passes nothing on before it has booted"
    assert told(assessed(gateway, host)) == [
        ("interrupts", "out", f"networkInterfaceId: {broken}; {unfinished}"),
    ]
    assert told(assessed(host, gateway)) == [("interrupts", "out", f"natGatewayId: {broken}")]


def test_an_explicit_name_deletes_the_data_before_the_successor_exists() -> None:
    def program(subnets: str) -> None:
        aws.elasticache.ReplicationGroup("redis", description="r", replication_group_id="r", subnet_group_name=subnets)

    assert told(assessed(lambda: program("a"), lambda: program("b"))) == [
        (
            "destroys",
            "redis",
            f"replaced because subnetGroupName changed: {DELETED_FIRST}. Lost: "
            "everything in Redis or Valkey: the queues' waiting jobs, sessions, caches",
        )
    ]


def test_harmless_replacements_are_said_to_be() -> None:
    def program(value: str) -> None:
        aws.ecs.TaskDefinition("task", family="f", container_definitions=value)
        aws.secretsmanager.SecretVersion("version", secret_id="s", secret_string=value)
        aws.ecr.LifecyclePolicy("images", repository="r", policy=value)

    found = assessed(lambda: program("[]"), lambda: program("[1]"))
    assert [(one.change.name, one.harmless is not None) for one in found.changes] == [
        ("images", True),
        ("task", True),
        ("version", True),
    ]
    assert (told(found), found.exit_code) == ([], ExitCode.CHANGES)


def test_a_harmless_type_that_is_deleted_first_is_not_harmless() -> None:
    def program(name: str) -> None:
        aws.cloudwatch.MetricAlarm("alarm", name=name, comparison_operator="x", evaluation_periods=1)

    assert [one[:2] for one in told(assessed(lambda: program("a"), lambda: program("b")))] == [("replaces", "alarm")]


def test_a_password_that_is_made_anew_is_lost() -> None:
    found = assessed(lambda: random.RandomPassword("p", length=20), lambda: random.RandomPassword("p", length=30))
    assert [one[:2] for one in told(found)] == [("destroys", "p")]


def test_of_a_type_that_is_not_known_it_is_said() -> None:
    found = assessed(lambda: aws.sqs.Queue("q", delay_seconds=1), lambda: aws.sqs.Queue("q", delay_seconds=2))
    assert told(found) == [("unknown", "q", "not known whether this changes in place or replaces it")]
    assert found.exit_code is ExitCode.CHANGES


def test_taking_protection_away_is_worth_a_line() -> None:
    found = assessed(lambda: aws.s3.Bucket("files", opts=PROTECTED), lambda: aws.s3.Bucket("files"))
    assert told(found) == [("interrupts", "files", "no longer protected: a later update may delete or replace it")]


def access_point(uid: int = 1000, path: str = "/caddy", owner: int = 1000) -> Program:
    return lambda: aws.efs.AccessPoint(
        "certificates",
        file_system_id="fs-1",
        posix_user=aws.efs.AccessPointPosixUserArgs(uid=uid, gid=1000),
        root_directory=aws.efs.AccessPointRootDirectoryArgs(
            path=path,
            creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                owner_uid=owner, owner_gid=1000, permissions="0700"
            ),
        ),
    )


UNREADABLE = (
    "EFS gives a directory its owner only when it makes it: /caddy and its files stay user 1000's, and nobody reads or "
    "writes them until they are given to the new one (docs/recovery.md#another-user-or-directory-for-the-certificates)"
)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (access_point(uid=1001, owner=1001), UNREADABLE),
        (access_point(owner=1001), UNREADABLE),
        (access_point(path="/tls"), "the new directory is empty: the files stay in /caddy"),
    ],
)
def test_certificates_that_nobody_could_read_are_said_to_be_so(after: Program, words: str) -> None:
    _, also = told(assessed(access_point(), after))
    assert also == ("destroys", "certificates", words)


def cluster(**arguments: str | int | bool) -> Program:
    return lambda: aws.rds.Cluster("db", engine="aurora-mysql", **arguments)  # pyright: ignore[reportArgumentType]


def scaling(minimum: float, maximum: float) -> Program:
    capacity = aws.rds.ClusterServerlessv2ScalingConfigurationArgs(min_capacity=minimum, max_capacity=maximum)
    return lambda: aws.rds.Cluster("db", engine="aurora-mysql", serverlessv2_scaling_configuration=capacity)


def redis(**arguments: str | int | bool) -> Program:
    return lambda: aws.elasticache.ReplicationGroup("r", description="r", **arguments)  # pyright: ignore[reportArgumentType]


def volume(size: int) -> Program:
    return lambda: aws.ebs.Volume("disk", availability_zone="a", size=size)


def logs(days: int | None) -> Program:
    return lambda: aws.cloudwatch.LogGroup("logs", retention_in_days=days)


def key(enabled: bool) -> Program:
    return lambda: aws.kms.Key("key", is_enabled=enabled)


@pytest.mark.parametrize(
    ("before", "after", "severities"),
    [
        (volume(50), volume(25), [Severity.REFUSED]),
        (volume(50), volume(100), []),
        (
            cluster(engine_version="8.0.mysql_aurora.3.08.2"),
            cluster(engine_version="8.0.mysql_aurora.3.10.1"),
            ["interrupts"],
        ),
        (
            cluster(engine_version="8.0.mysql_aurora.3.10.1"),
            cluster(engine_version="8.0.mysql_aurora.3.08.2"),
            ["refused"],
        ),
        (scaling(0.5, 8), scaling(0.5, 16), ["interrupts"]),
        (scaling(0.5, 8), scaling(1, 8), []),
        (cluster(backup_retention_period=14), cluster(backup_retention_period=7), ["interrupts"]),
        (cluster(backup_retention_period=7), cluster(backup_retention_period=14), []),
        (cluster(deletion_protection=True), cluster(deletion_protection=False), ["interrupts"]),
        (cluster(deletion_protection=False), cluster(deletion_protection=True), []),
        (redis(node_type="cache.t4g.small"), redis(node_type="cache.t4g.medium"), ["interrupts"]),
        (redis(engine_version="7.0"), redis(engine_version="7.1"), ["interrupts"]),
        (redis(snapshot_retention_limit=7), redis(snapshot_retention_limit=1), ["interrupts"]),
        (redis(), redis(snapshot_retention_limit=1), []),
        (logs(None), logs(30), ["interrupts"]),
        (logs(30), logs(7), ["interrupts"]),
        (logs(30), logs(None), []),
        (logs(7), logs(30), []),
        (key(True), key(False), ["interrupts"]),
        (key(False), key(True), []),
    ],
)
def test_what_a_change_in_place_does(before: Program, after: Program, severities: list[str]) -> None:
    found = assessed(before, after)
    assert [severity for severity, _, _ in told(found)] == severities
    assert len(found.changes) == 1
    assert found.exit_code == (4 if "refused" in severities else 3)


@pytest.mark.parametrize(
    ("arguments", "when"),
    [
        ({"apply_immediately": True, "maintenance_window": "sun:01:00-sun:02:00"}, "at once"),
        ({"maintenance_window": "sun:01:00-sun:02:00"}, "in the maintenance window (sun:01:00-sun:02:00 UTC)"),
        ({}, "in the next maintenance window"),
    ],
)
def test_when_a_change_takes_effect_is_said(arguments: dict[str, str | bool], when: str) -> None:
    ((_, _, words),) = told(
        assessed(redis(engine_version="7.0", **arguments), redis(engine_version="7.1", **arguments))
    )
    assert f"the engine is upgraded {when}: connections break" in words


def test_redis_to_valkey_is_one_line_that_says_that_there_is_no_way_back() -> None:
    found = assessed(
        redis(engine="redis", engine_version="7.1", parameter_group_name="of-redis7", apply_immediately=True),
        redis(engine="valkey", engine_version="8.2", parameter_group_name="of-valkey8", apply_immediately=True),
    )
    assert told(found) == [
        (
            "interrupts",
            "r",
            "engine redis → valkey: redis becomes valkey at once, in place: data, endpoint and token stay. It can't be "
            "undone: redis again is a new node, of a snapshot that was taken before. The parameter group of the other "
            "engine goes along in the same change",
        )
    ]
    back = assessed(redis(engine="valkey", engine_version="8.2"), redis(engine="redis", engine_version="7.1"))
    assert [severity for severity, _, _ in told(back)] == ["destroys"]


def test_reasons_name_options_inputs_and_what_they_follow() -> None:
    def program(cidr: str, trigger: str) -> None:
        network(cidr, subnet_opts=pulumi.ResourceOptions(replacement_trigger=trigger))

    found = compared(lambda: program("10.0.0.0/16", "1"), lambda: program("10.1.0.0/16", "2"))
    assert {change.name: reasons(change) for change in found.changes} == {
        "sub": "replacementTrigger changed; vpcId follows net",
        "net": "cidrBlock changed",
    }


def test_tables_name_types_that_there_are() -> None:
    named = {*STATEFUL, *HARMLESS, *GUARDS, *(token for token, _ in EFFECTS)}
    assert sorted(named - rules().keys()) == []
    assert sorted(STATEFUL.keys() & HARMLESS.keys()) == []


def test_every_protected_type_of_the_program_is_stateful() -> None:
    protected = {resource.type for resource in evaluation_of(OWNER).custom() if resource.protect}
    assert sorted(protected - STATEFUL.keys()) == []
