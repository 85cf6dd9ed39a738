from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.workbench.sandbox.conftest import REGION, Sandbox
from tests.workbench.sandbox.network import Network, make_network
from workbench.evaluate import Created, EvaluationError, evaluate
from workbench.sandbox.errors import AwsRefusalError, UnmappedInputError

PASSWORD = "x7Kq" * 10
VERSION = "8.0.mysql_aurora.3.08.2"


@pytest.fixture(scope="module")
def network(sandbox: Sandbox) -> Network:
    return make_network(sandbox)


@pytest.fixture(scope="module")
def subnet_group(sandbox: Sandbox, network: Network) -> Created:
    return sandbox.create(
        "aws:rds/subnetGroup:SubnetGroup", "shop", subnetIds=network.subnet_ids, description="Aurora cluster"
    )


@pytest.fixture(scope="module")
def parameter_group(sandbox: Sandbox) -> Created:
    return sandbox.create(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "shop",
        family="aurora-mysql8.0",
        description="TLS only",
        parameters=[
            {"name": "require_secure_transport", "value": "ON"},
            {"name": "long_query_time", "value": "1", "applyMethod": "pending-reboot"},
        ],
    )


def make_cluster(sandbox: Sandbox, identifier: str, **inputs: Any) -> Created:
    return sandbox.create(
        "aws:rds/cluster:Cluster",
        identifier,
        **{
            "clusterIdentifier": identifier,
            "engine": "aurora-mysql",
            "engineMode": "provisioned",
            "engineVersion": VERSION,
            "masterUsername": "root",
            "masterPassword": PASSWORD,
            **inputs,
        },
    )


def test_subnet_group_spans_its_subnets(sandbox: Sandbox, network: Network, subnet_group: Created) -> None:
    rds = sandbox.client("rds")
    (found,) = rds.describe_db_subnet_groups(DBSubnetGroupName=subnet_group.id)["DBSubnetGroups"]
    assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(network.subnet_ids)
    assert (found["DBSubnetGroupDescription"], found["VpcId"]) == ("Aurora cluster", network.vpc_id)
    assert subnet_group.id == subnet_group.outputs["name"]
    assert subnet_group.id.startswith("shop-")
    assert subnet_group.outputs["arn"] == f"arn:aws:rds:eu-west-1:123456789012:subgrp:{subnet_group.id}"


def test_parameter_group_holds_its_parameters(sandbox: Sandbox, parameter_group: Created) -> None:
    rds = sandbox.client("rds")
    found = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=parameter_group.id)["Parameters"]
    assert found == [
        {"ParameterName": "require_secure_transport", "ParameterValue": "ON", "ApplyMethod": "immediate"},
        {"ParameterName": "long_query_time", "ParameterValue": "1", "ApplyMethod": "pending-reboot"},
    ]
    (group,) = rds.describe_db_cluster_parameter_groups(DBClusterParameterGroupName=parameter_group.id)[
        "DBClusterParameterGroups"
    ]
    assert (group["DBParameterGroupFamily"], group["Description"]) == ("aurora-mysql8.0", "TLS only")


def test_more_parameters_than_one_call_takes_are_all_set(sandbox: Sandbox) -> None:
    parameters = [{"name": f"parameter_{number}", "value": str(number)} for number in range(45)]
    created = sandbox.create(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup", "many", family="aurora-mysql8.0", parameters=parameters
    )
    found = sandbox.client("rds").describe_db_cluster_parameters(DBClusterParameterGroupName=created.id)["Parameters"]
    assert [parameter["ParameterValue"] for parameter in found] == [str(number) for number in range(45)]


WITH_FINAL_SNAPSHOT = {
    "skipFinalSnapshot": False,
    "finalSnapshotIdentifier": "shop-whole-final",
    "applyImmediately": False,
}


def test_cluster_has_everything_that_was_asked_for(
    sandbox: Sandbox, network: Network, subnet_group: Created, parameter_group: Created
) -> None:
    created = make_cluster(
        sandbox,
        "shop-whole",
        serverlessv2ScalingConfiguration={"minCapacity": 0, "maxCapacity": 8, "secondsUntilAutoPause": 600},
        port=3306,
        dbSubnetGroupName=subnet_group.id,
        dbClusterParameterGroupName=parameter_group.id,
        vpcSecurityGroupIds=[network.security_group_id],
        storageEncrypted=True,
        backupRetentionPeriod=7,
        preferredBackupWindow="20:00-20:30",
        preferredMaintenanceWindow="sun:21:00-sun:21:30",
        copyTagsToSnapshot=True,
        enabledCloudwatchLogsExports=["error", "slowquery"],
        deletionProtection=True,
        **WITH_FINAL_SNAPSHOT,
        tags={"Name": "shop"},
    )
    (found,) = sandbox.client("rds").describe_db_clusters(DBClusterIdentifier="shop-whole")["DBClusters"]
    expected = {
        "DBClusterIdentifier": "shop-whole",
        "Engine": "aurora-mysql",
        "EngineMode": "provisioned",
        "EngineVersion": VERSION,
        "MasterUsername": "root",
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.0, "MaxCapacity": 8.0, "SecondsUntilAutoPause": 600},
        "Port": 3306,
        "DBSubnetGroup": subnet_group.id,
        "DBClusterParameterGroup": parameter_group.id,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": network.security_group_id, "Status": "active"}],
        "StorageEncrypted": True,
        "BackupRetentionPeriod": 7,
        "PreferredBackupWindow": "20:00-20:30",
        "PreferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "CopyTagsToSnapshot": True,
        "EnabledCloudwatchLogsExports": ["error", "slowquery"],
        "DeletionProtection": True,
        "TagList": [{"Key": "Project", "Value": "shop"}, {"Key": "Name", "Value": "shop"}],
    }
    assert {key: found[key] for key in expected} == expected
    assert (created.id, created.outputs["engineVersionActual"]) == ("shop-whole", VERSION)
    assert created.outputs["arn"] == found["DBClusterArn"] == "arn:aws:rds:eu-west-1:123456789012:cluster:shop-whole"
    assert (created.outputs["endpoint"], created.outputs["readerEndpoint"]) == (
        found["Endpoint"],
        found["ReaderEndpoint"],
    )
    assert created.outputs["engineVersionActual"] == VERSION


def test_first_instance_writes_and_the_second_reads(sandbox: Sandbox, subnet_group: Created) -> None:
    make_cluster(sandbox, "shop-pair", dbSubnetGroupName=subnet_group.id)
    inputs: dict[str, Any] = {
        "clusterIdentifier": "shop-pair",
        "engine": "aurora-mysql",
        "instanceClass": "db.serverless",
        "dbSubnetGroupName": subnet_group.id,
        "publiclyAccessible": False,
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "autoMinorVersionUpgrade": False,
        "preferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "applyImmediately": False,
    }
    instances = [
        sandbox.create("aws:rds/clusterInstance:ClusterInstance", name, identifier=name, **inputs)
        for name in ("shop-pair-1", "shop-pair-2")
    ]
    rds = sandbox.client("rds")
    found = {
        instance["DBInstanceIdentifier"]: instance
        for instance in rds.describe_db_instances()["DBInstances"]
        if instance.get("DBClusterIdentifier") == "shop-pair"
    }
    assert [instance.outputs["writer"] for instance in instances] == [True, False]
    assert [(item.outputs["endpoint"], item.outputs["port"]) for item in instances] == [
        (found[item.id]["Endpoint"]["Address"], 3306) for item in instances
    ]
    expected = {
        "DBInstanceClass": "db.serverless",
        "Engine": "aurora-mysql",
        "EngineVersion": VERSION,
        "PubliclyAccessible": False,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "AutoMinorVersionUpgrade": False,
        "PreferredMaintenanceWindow": "sun:21:00-sun:21:30",
        "PerformanceInsightsEnabled": True,
        "PerformanceInsightsRetentionPeriod": 7,
    }
    assert [{key: instance[key] for key in expected} for instance in found.values()] == [expected, expected]


def test_refusal_does_not_tell_the_password(sandbox: Sandbox) -> None:
    with pytest.raises(AwsRefusalError, match="shorter than 8 characters") as refusal:
        make_cluster(sandbox, "shop-short", masterPassword="Ky7wQ")
    assert "Ky7wQ" not in f"{refusal.value}{refusal.value!r}"


def test_failure_of_a_program_does_not_tell_the_password(sandbox: Sandbox) -> None:
    def program() -> None:
        aws.rds.Cluster(
            "short",
            cluster_identifier="shop-program",
            engine="aurora-mysql",
            master_username="root",
            master_password=pulumi.Output.secret("Ky7wQ"),
        )

    with pytest.raises(EvaluationError, match=r"aws:rds/cluster:Cluster short: CreateDBCluster failed") as failure:
        evaluate(program, backend=sandbox.aws.backend(region=REGION))
    assert "Ky7wQ" not in f"{failure.value}{failure.value.failures}"


def test_unmapped_input_of_a_cluster_is_named_without_its_value(sandbox: Sandbox) -> None:
    with pytest.raises(UnmappedInputError, match="input masterPasswordWo is not mapped") as refusal:
        make_cluster(sandbox, "shop-unmapped", masterPasswordWo=PASSWORD)
    assert PASSWORD not in str(refusal.value)


def test_cluster_whose_identifier_is_taken_is_refused(sandbox: Sandbox) -> None:
    make_cluster(sandbox, "shop-taken")
    with pytest.raises(
        AwsRefusalError,
        match="CreateDBCluster failed with DBClusterAlreadyExistsFault: DB Cluster shop-taken already exists",
    ):
        make_cluster(sandbox, "Shop-Taken")


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"dbClusterParameterGroupName": "lost"}, "DBClusterParameterGroupNotFound: DBClusterParameterGroup not found"),
        ({"dbSubnetGroupName": "lost"}, "DBSubnetGroupNotFoundFault: DB subnet group 'lost' does not exist"),
    ],
)
def test_cluster_that_refers_to_nothing_is_refused_and_not_made(
    sandbox: Sandbox, inputs: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AwsRefusalError, match=f"CreateDBCluster failed with {reason}"):
        make_cluster(sandbox, "shop-lost", **inputs)
    clusters = sandbox.client("rds").describe_db_clusters()["DBClusters"]
    assert "shop-lost" not in {cluster["DBClusterIdentifier"] for cluster in clusters}
