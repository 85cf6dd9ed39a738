import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.support.examples import example_program
from workbench.evaluate import Backend, Created, Evaluation, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.hosts import redis_boot
from zelly_components.redis_host import RedisHost, RedisHostArgs

INSTANCE = "aws:ec2/instance:Instance"
VOLUME = "aws:ebs/volume:Volume"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"

PROTECTED = RedisHostArgs(
    region="eu-west-1",
    account_id="123456789012",
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    availability_zone="eu-west-1a",
    instance_type="t4g.small",
    cpu_credits="standard",
    instance_memory_mib=2048,
    ami_id="ami-0123456789abcdef0",
    volume_gib=8,
    auth_secret_name="shop/redis/auth",
    server_secret_name="shop/redis/server",
    recovery_window_days=30,
    config_parameter_name="/shop/redis/config",
    log_group_name="/shop/redis",
    log_retention_days=30,
    snapshot_retention_count=7,
    protect=True,
)

PASSWORD = "hunter2hunter2"
ADDRESS = "10.1.2.3"


class RealValues:
    """Answers with a volume id, a password and an address of the real shapes."""

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()

    def create(self, registration: Registration) -> Created:
        created = self._symbolic.create(registration)
        if registration.type == VOLUME:
            return replace(created, id="vol-0123456789abcdef0")
        if registration.type == "random:index/randomPassword:RandomPassword":
            return replace(created, outputs={**created.outputs, "result": PASSWORD})
        if registration.type == INSTANCE:
            return replace(created, outputs={**created.outputs, "privateIp": ADDRESS})
        return created

    def invoke(self, invocation: Invocation) -> Any:
        return self._symbolic.invoke(invocation)


def record(args: RedisHostArgs = PROTECTED, *, backend: Backend | None = None) -> Evaluation:
    def program() -> None:
        host = RedisHost("shop-redis", args)
        host.allow_from("worker", "sg-worker")
        pulumi.export("secret_arn", host.auth_secret_arn)

    return evaluate(program, backend=backend)


def values(evaluation: Evaluation, name: str) -> dict[str, str]:
    return json.loads(evaluation.one(SECRET_VERSION, f"shop-redis-{name}-version").plain_inputs["secretString"])


def test_clients_are_told_address_password_and_authority_and_the_host_its_certificate_and_a_hash() -> None:
    evaluation = record(backend=RealValues())
    auth, server = values(evaluation, "auth"), values(evaluation, "server")
    assert {key: auth[key] for key in auth if key != "REDIS_CA_BASE64"} == {
        "REDIS_HOST": ADDRESS,
        "REDIS_PORT": "6379",
        "REDIS_PASSWORD": PASSWORD,
    }
    assert sorted(server) == ["REDIS_PASSWORD_SHA256", "TLS_CERTIFICATE", "TLS_PRIVATE_KEY"]
    assert server["REDIS_PASSWORD_SHA256"] == hashlib.sha256(PASSWORD.encode()).hexdigest()
    # One line: it is handed to services as an environment variable.
    authority = x509.load_pem_x509_certificate(base64.b64decode(auth["REDIS_CA_BASE64"]))
    certificate = x509.load_pem_x509_certificate(server["TLS_CERTIFICATE"].encode())
    certificate.verify_directly_issued_by(authority)
    key = load_pem_private_key(server["TLS_PRIVATE_KEY"].encode(), password=None)
    assert key.public_key() == certificate.public_key()


def test_password_and_key_are_where_they_are_needed_and_nowhere_else() -> None:
    evaluation = record(backend=RealValues())
    key = values(evaluation, "server")["TLS_PRIVATE_KEY"].splitlines()[1]

    def holders(text: str) -> list[str]:
        return [each.name for each in evaluation.resources if text in json.dumps(each.plain_inputs)]

    assert holders(PASSWORD) == ["shop-redis-auth-version"]
    assert holders(key) == ["shop-redis-server-version"]
    shown = json.dumps([each.inputs for each in evaluation.of_type(SECRET_VERSION)])
    assert (shown.count('"secretString": "[secret]"'), PASSWORD in shown) == (2, False)


def test_host_may_read_its_own_secret_and_not_the_clients() -> None:
    (policy,) = record().of_type("aws:iam/rolePolicy:RolePolicy")
    statements = {each["Sid"]: each for each in json.loads(policy.inputs["policy"])["Statement"]}
    assert sorted(statements) == [
        "OpenSessions",
        "PublishMetrics",
        "PublishServerMetrics",
        "ReadConfiguration",
        "ReadServerSecret",
        "WriteLogs",
    ]
    assert statements["ReadServerSecret"]["Resource"] == ["${shop-redis-server.arn}"]
    assert statements["PublishServerMetrics"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "RedisHost"}}


def test_only_callers_reach_its_port_and_it_leaves_by_https_alone() -> None:
    evaluation = record()

    def rules(token: str) -> list[tuple[Any, ...]]:
        return sorted(
            (
                rule.inputs["securityGroupId"],
                rule.inputs.get("referencedSecurityGroupId") or rule.inputs["cidrIpv4"],
                rule.inputs["fromPort"],
                rule.inputs["toPort"],
            )
            for rule in evaluation.of_type(token)
        )

    assert rules("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == [
        ("${shop-redis-sg.id}", "sg-worker", 6379, 6379)
    ]
    assert rules("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == [
        ("${shop-redis-sg.id}", "0.0.0.0/0", 443, 443),
        ("sg-worker", "${shop-redis-sg.id}", 6379, 6379),
    ]


def test_protected_host_keeps_its_volume_and_itself() -> None:
    evaluation = record()
    volume, instance = evaluation.one(VOLUME), evaluation.one(INSTANCE)
    assert (volume.protect, volume.inputs["finalSnapshot"], volume.inputs["encrypted"]) == (True, True, True)
    assert volume.inputs["tags"] == {"Name": "shop-redis-data", "SnapshotPolicy": "shop-redis"}
    assert (instance.protect, instance.inputs["disableApiTermination"]) == (True, True)
    assert instance.inputs["associatePublicIpAddress"] is False
    loose = record(replace(PROTECTED, protect=False))
    assert (loose.one(VOLUME).protect, loose.one(INSTANCE).protect) == (False, False)


def test_other_memory_or_size_changes_no_host_and_another_name_replaces_it() -> None:
    before = record().one(INSTANCE)
    same = record(replace(PROTECTED, instance_memory_mib=4096, volume_gib=16)).one(INSTANCE)
    assert (same.inputs, same.replacement_trigger) == (before.inputs, before.replacement_trigger)
    assert before.replacement_trigger == {
        "host_name": "shop-redis",
        "region": "eu-west-1",
        "volume_id": "${shop-redis-data.id}",
        "config_parameter_name": "/shop/redis/config",
        "server_secret_name": "shop/redis/server",
        "log_group_name": "/shop/redis",
        "architecture": "arm64",
    }


def test_secret_arn_resolves_once_the_secret_has_a_value() -> None:
    evaluation = record()
    version = evaluation.one(SECRET_VERSION, "shop-redis-auth-version")
    assert evaluation.one(INSTANCE).urn in version.depends_on
    assert evaluation.outputs == {"secret_arn": "${shop-redis-auth.arn}"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (replace(PROTECTED, instance_memory_mib=512), "instance_memory_mib: came 512; allowed 1024 or more"),
        (replace(PROTECTED, volume_gib=3), "volume_gib: came 3 with instance_memory_mib 2048; allowed twice the mem"),
        (replace(PROTECTED, snapshot_retention_count=0), "snapshot_retention_count: came 0; allowed 1 or more"),
        (replace(PROTECTED, snapshot_time_utc="24:00"), "snapshot_time_utc: came '24:00'; allowed 00:00 to 23:59"),
        (replace(PROTECTED, recovery_window_days=3), "recovery_window_days: came 3"),
    ],
)
def test_wrong_argument_is_refused_in_one_line(args: RedisHostArgs, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(args)


def test_configuration_says_what_queues_need() -> None:
    configuration = json.loads(redis_boot.configuration(instance_memory_mib=2048))["redis.conf"]
    lines = configuration.splitlines()
    assert {
        "port 0",
        "tls-port 6379",
        "protected-mode yes",
        "tls-auth-clients no",
        # Six tenths, rounded down.
        f"maxmemory {1228 * 1024**2}",
        "maxmemory-policy noeviction",
        "appendonly yes",
        "appendfsync everysec",
        "save 3600 1 300 100 60 10000",
        "stop-writes-on-bgsave-error yes",
    } <= set(lines)


def test_example_makes_a_protected_host() -> None:
    assert evaluate(example_program(RedisHost)).one(VOLUME).protect
