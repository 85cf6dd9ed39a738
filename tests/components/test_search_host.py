import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from cryptography import x509
from ruamel.yaml import YAML

from tests.support.examples import example_program
from workbench.evaluate import Backend, Created, Evaluation, Invocation, Registration, SymbolicBackend, evaluate
from zelly_components.search_host import PARAMETERS, SearchHost, SearchHostArgs, document_content

INSTANCE = "aws:ec2/instance:Instance"
VOLUME = "aws:ebs/volume:Volume"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
PARAMETER = "aws:ssm/parameter:Parameter"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"

PROTECTED = SearchHostArgs(
    region="eu-west-1",
    account_id="123456789012",
    vpc_id="vpc-1",
    subnet_id="subnet-1",
    availability_zone="eu-west-1a",
    instance_type="t4g.medium",
    cpu_credits="standard",
    instance_memory_mib=4096,
    ami_id="ami-0123456789abcdef0",
    volume_gib=20,
    version="1.13.0",
    binary_sha256="0123456789abcdef" * 4,
    bucket_name="shop-releases-123456789012",
    bucket="shop-releases-123456789012",
    dump_bucket_name="shop-backups-123456789012",
    dump_prefix="daily/search/",
    service_secret_name="shop/search/keys",
    server_secret_name="shop/search/server",
    recovery_window_days=30,
    config_parameter_name="/shop/search/configuration",
    document_name="shop-search",
    log_group_name="/shop/search",
    log_retention_days=30,
    snapshot_retention_count=7,
    protect=True,
)

MASTER_KEY = "M4sterKeyOf48Characters"
ADDRESS = "10.1.2.3"


class RealValues:
    """Answers with a volume id, a master key and an address of the real shapes."""

    def __init__(self) -> None:
        self._symbolic = SymbolicBackend()

    def create(self, registration: Registration) -> Created:
        created = self._symbolic.create(registration)
        if registration.type == VOLUME:
            return replace(created, id="vol-0123456789abcdef0")
        if registration.type == "random:index/randomPassword:RandomPassword":
            return replace(created, outputs={**created.outputs, "result": MASTER_KEY})
        if registration.type == INSTANCE:
            return replace(created, outputs={**created.outputs, "privateIp": ADDRESS})
        return created

    def invoke(self, invocation: Invocation) -> Any:
        return self._symbolic.invoke(invocation)


def record(args: SearchHostArgs = PROTECTED, *, backend: Backend | None = None) -> Evaluation:
    def program() -> None:
        host = SearchHost("shop-search", args)
        host.allow_from("api", "sg-api")
        pulumi.export("secret_arn", host.service_secret_arn)

    return evaluate(program, backend=backend)


def values(evaluation: Evaluation, name: str) -> dict[str, str]:
    return json.loads(evaluation.one(SECRET_VERSION, f"shop-search-{name}-version").plain_inputs["secretString"])


def files(evaluation: Evaluation) -> dict[str, dict[str, str]]:
    return json.loads(evaluation.one(OBJECT).inputs["content"])["files"]


def wanted(evaluation: Evaluation) -> dict[str, Any]:
    return json.loads(files(evaluation)["/etc/search-host/configuration.json"]["content"])


def test_services_get_keys_that_follow_from_ids_and_the_master_key_and_not_the_master_key() -> None:
    evaluation = record(backend=RealValues())
    services, server = values(evaluation, "keys"), values(evaluation, "server")
    ids = {key["name"]: key["uid"] for key in wanted(evaluation)["keys"]}

    def key(name: str) -> str:
        return hmac.new(MASTER_KEY.encode(), ids[name].encode(), hashlib.sha256).hexdigest()

    assert {name: services[name] for name in services if name != "MEILI_CA_BASE64"} == {
        "MEILI_HOST": "https://10.1.2.3:7700",
        "MEILI_API_KEY": key("documents"),
        "MEILI_SEARCH_KEY": key("search"),
    }
    authority = x509.load_pem_x509_certificate(base64.b64decode(services["MEILI_CA_BASE64"]))
    x509.load_pem_x509_certificate(server["TLS_CERTIFICATE"].encode()).verify_directly_issued_by(authority)
    holders = [each.name for each in evaluation.resources if MASTER_KEY in json.dumps(each.plain_inputs)]
    assert holders == ["shop-search-server-version"]
    # Version 4, the variant of RFC 9562: what the API takes for an id.
    assert all(
        re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uid) and uid[14] == "4" for uid in ids.values()
    )


def test_no_key_of_services_makes_keys_dumps_or_snapshots() -> None:
    for key in wanted(record())["keys"]:
        assert not [action for action in key["actions"] if action.split(".")[0] in {"*", "keys", "dumps", "snapshots"}]


def test_host_boots_with_names_and_fetches_everything_else() -> None:
    evaluation = record(backend=RealValues())
    user_data = evaluation.one(INSTANCE).inputs["userData"]
    document: Any = YAML(typ="safe", pure=True).load(user_data)  # pyright: ignore[reportUnknownMemberType] (untyped)
    assert [file["path"] for file in document["write_files"] if file["path"].startswith("/usr/local/sbin/")] == [
        "/usr/local/sbin/retry",
        "/usr/local/sbin/host-packages",
        "/usr/local/sbin/host-apply",
    ]
    assert "1.13.0" not in user_data
    written, parameter = evaluation.one(OBJECT).inputs, evaluation.one(PARAMETER)
    digest = hashlib.sha256(written["content"].encode()).hexdigest()
    assert json.loads(parameter.inputs["insecureValue"]) == {"key": f"host/{digest}.json", "sha256": digest}
    assert written["key"] == f"host/{digest}.json"
    assert evaluation.one(OBJECT).urn in parameter.depends_on


def test_host_gets_these_files_and_timers() -> None:
    evaluation = record()
    assert {path: file["mode"] for path, file in files(evaluation).items() if "/sbin/" in path} == {
        "/usr/local/sbin/data-volume": "0755",
        "/usr/local/sbin/host-apply": "0755",
        "/usr/local/sbin/search-host": "0755",
        "/usr/local/sbin/search-upgrade": "0755",
        "/usr/local/sbin/search_server.py": "0644",
    }
    assert json.loads(evaluation.one(OBJECT).inputs["content"])["units"] == [
        "search-apply.timer",
        "search-observe.timer",
        "search-back-up.timer",
    ]


def test_new_version_is_a_change_of_the_configuration_and_of_no_host() -> None:
    before, after = record(), record(replace(PROTECTED, version="1.15.2", binary_sha256="f" * 64))
    assert after.one(INSTANCE).inputs == before.one(INSTANCE).inputs
    assert after.one(INSTANCE).replacement_trigger == before.one(INSTANCE).replacement_trigger
    assert (wanted(after)["version"], wanted(after)["sha256"]) == ("1.15.2", "f" * 64)


def test_host_reads_binaries_and_writes_dumps_and_deletes_nothing() -> None:
    (policy,) = record().of_type("aws:iam/rolePolicy:RolePolicy")
    statements = {each["Sid"]: each for each in json.loads(policy.inputs["policy"])["Statement"]}
    assert statements["ReadBinaries"]["Resource"] == [
        "arn:aws:s3:::shop-releases-123456789012/binaries/*",
        "arn:aws:s3:::shop-releases-123456789012/host/*",
    ]
    assert statements["WriteDumps"] == {
        "Sid": "WriteDumps",
        "Effect": "Allow",
        "Action": ["s3:AbortMultipartUpload", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::shop-backups-123456789012/daily/search/*"],
    }
    assert statements["ReadServerSecret"]["Resource"] == ["${shop-search-server.arn}"]
    assert "TakeCommands" in statements
    assert "s3:Delete" not in policy.inputs["policy"]
    (without,) = record(replace(PROTECTED, dump_bucket_name=None)).of_type("aws:iam/rolePolicy:RolePolicy")
    assert "WriteDumps" not in without.inputs["policy"]


def test_only_callers_reach_its_port() -> None:
    rules = record().of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [
        (rule.inputs["referencedSecurityGroupId"], rule.inputs["fromPort"], rule.inputs["toPort"]) for rule in rules
    ] == [("sg-api", 7700, 7700)]


def test_document_runs_one_command_and_takes_nothing_that_a_shell_reads() -> None:
    (step,) = document_content()["mainSteps"]
    assert step["inputs"]["runCommand"] == [
        "exec /usr/local/sbin/search-upgrade '{{ action }}' --version '{{ version }}' --late-writes '{{ lateWrites }}'"
    ]
    assert all("allowedValues" in rule or "allowedPattern" in rule for rule in PARAMETERS.values())
    pattern = PARAMETERS["version"]["allowedPattern"]
    assert [value for value in ("1.13.0", "none", "10.20.30") if re.search(pattern, value)] == [
        "1.13.0",
        "none",
        "10.20.30",
    ]
    attacks = ["", "1.13", "1.13.0'", "1.13.0; reboot", "$(reboot)", "1x13x0", "1.13.0\nreboot", "v1.13.0", "latest"]
    assert [value for value in attacks if re.search(pattern, value)] == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (replace(PROTECTED, version="1.13"), "version: came 1.13; allowed a full one such as 1.13.0"),
        (replace(PROTECTED, binary_sha256="abc"), "binary_sha256: came abc; allowed 64 hexadecimal digits"),
        (replace(PROTECTED, instance_memory_mib=512), "instance_memory_mib: came 512; allowed 1024 or more"),
        (replace(PROTECTED, dump_prefix="daily"), "dumps: came shop-backups-123456789012/daily; allowed a bucket and"),
        (replace(PROTECTED, snapshot_retention_count=0), "snapshot_retention_count: came 0; allowed 1 or more"),
        (replace(PROTECTED, recovery_window_days=3), "recovery_window_days: came 3"),
    ],
)
def test_wrong_argument_is_refused_in_one_line(args: SearchHostArgs, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(args)


def test_example_makes_a_protected_host() -> None:
    evaluation = evaluate(example_program(SearchHost))
    assert (evaluation.one(VOLUME).protect, evaluation.one(INSTANCE).protect) == (True, True)
