"""Health checks, made, changed, read and deleted."""

from tests.workbench.sandbox.conftest import Sandbox

CHECK = "aws:route53/healthCheck:HealthCheck"
INPUTS = {
    "type": "HTTPS",
    "fqdn": "shop.example",
    "port": 443,
    "resourcePath": "/health?a=b",
    "requestInterval": 30,
    "failureThreshold": 3,
    "enableSni": True,
    "measureLatency": False,
}


def test_health_check_asks_what_it_is_told_and_changes_in_place(sandbox: Sandbox) -> None:
    made = sandbox.create(CHECK, "shop", **INPUTS, tags={"Name": "shop"})
    client = sandbox.client("route53")
    config = client.get_health_check(HealthCheckId=made.id)["HealthCheck"]["HealthCheckConfig"]
    told = {key: config[key] for key in ("Type", "FullyQualifiedDomainName", "Port", "ResourcePath", "EnableSNI")}
    assert told == {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "shop.example",
        "Port": 443,
        "ResourcePath": "/health?a=b",
        "EnableSNI": True,
    }
    assert made.outputs["arn"] == f"arn:aws:route53:::healthcheck/{made.id}"
    changed = {**INPUTS, "resourcePath": "/ready", "failureThreshold": 5}
    sandbox.update(CHECK, "shop", **changed, tags={"Name": "other"})
    config = client.get_health_check(HealthCheckId=made.id)["HealthCheck"]["HealthCheckConfig"]
    assert (config["ResourcePath"], config["FailureThreshold"]) == ("/ready", 5)
    tags = client.list_tags_for_resource(ResourceType="healthcheck", ResourceId=made.id)["ResourceTagSet"]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Project": "shop", "Name": "other"}
    assert sandbox.read(CHECK, "shop") == {}
    client.update_health_check(HealthCheckId=made.id, ResourcePath="/elsewhere")
    assert sandbox.read(CHECK, "shop") == {"resourcePath": "/elsewhere"}
    sandbox.delete(CHECK, "shop")
    assert sandbox.read(CHECK, "shop") is None
