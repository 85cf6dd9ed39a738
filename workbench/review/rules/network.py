"""Rules for the network: VPC, subnets, security groups."""

import re
from collections.abc import Iterator

from workbench.review.rules.documents import statements
from workbench.review.rules.model import (
    Resource,
    Rule,
    Severity,
    Stack,
    is_unknown,
    requires,
    requires_companion,
    requires_set,
)

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

_ANYWHERE = ("0.0.0.0/0", "::/0")
_ADMINISTRATION = (22, 3389)
_HIGH_RISK = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088),
    *(8888, 9200, 9300),
)
"""The ports that EC2.19 lists (Security Hub user guide, "Security Hub controls for Amazon EC2")."""
_AUTHORISED = (80, 443)
"""The TCP ports that EC2.18 lets be open to everybody unless it is configured otherwise."""


def _open_to_everybody(rule: Resource) -> str | None:
    return next((source for key in ("cidrIpv4", "cidrIpv6") if (source := rule.value(key)) in _ANYWHERE), None)


def _ports(rule: Resource) -> range:
    if rule.value("ipProtocol") == "-1":
        return range(65536)
    first, last = rule.value("fromPort"), rule.value("toPort")
    known = isinstance(first, int | float) and isinstance(last, int | float)
    return range(int(first), int(last) + 1) if known else range(0)


def _open_ports(rule: Resource, ports: tuple[int, ...]) -> Iterator[str]:
    source = _open_to_everybody(rule)
    found = [port for port in ports if port in _ports(rule)]
    if source is not None and found:
        yield f"{', '.join(map(str, found))} open to {source}"


def _administration_ports(rule: Resource) -> Iterator[str]:
    yield from _open_ports(rule, _ADMINISTRATION)


def _high_risk_ports(rule: Resource) -> Iterator[str]:
    yield from _open_ports(rule, _HIGH_RISK)


def _authorised_ports(rule: Resource) -> Iterator[str]:
    source = _open_to_everybody(rule)
    ports, protocol = _ports(rule), rule.value("ipProtocol")
    if source is not None and not (protocol == "tcp" and all(port in _AUTHORISED for port in ports)):
        # Ports that are not known yet are not named.
        spans = {0: "", 1: f" {ports.start}"}
        span = spans.get(len(ports), f" {ports.start} to {ports.stop - 1}")
        yield f"{protocol}{span} open to {source}; allowed: tcp 80 and 443"


def _egress(rule: Resource) -> Iterator[str]:
    source = _open_to_everybody(rule)
    if source is not None and len(_ports(rule)) > 1:
        yield f"{len(_ports(rule))} ports to {source}; allowed: one port"


def _inline(group: Resource) -> Iterator[str]:
    for direction in ("ingress", "egress"):
        if group.items(direction):
            yield f"{direction}: {len(group.items(direction))} inline rules; allowed: none"


def _flow_log(vpc: Resource, stack: Stack) -> Iterator[str]:
    logs = stack.using(vpc, "aws:ec2/flowLog:FlowLog")
    if not any(is_unknown(kind := log.value("trafficType")) or kind in ("ALL", "REJECT") for log in logs):
        yield "no aws:ec2/flowLog:FlowLog uses it with trafficType ALL or REJECT"


def _endpoint_for_everything(endpoint: Resource) -> Iterator[str]:
    if endpoint.value("policy") is None:
        yield "policy: not set, which lets everything pass"
    for statement in statements(endpoint):
        wide = [resource for resource in statement.resources if re.fullmatch(r"\*|arn:aws:s3:::\*.*", resource)]
        if statement.allows and wide:
            yield f"{statement.sid} lets {wide[0]} pass; allowed: what is named"


RULES = (
    Rule(
        id="default-security-group-closed",
        title="A VPC's default security group lets nothing in or out",
        controls=("EC2.2", "CIS 5.4"),
        severity=Severity.HIGH,
        remediation="Adopt the group with aws.ec2.DefaultSecurityGroup, ingress=[] and egress=[].",
        types=(VPC,),
        check_in_stack=requires_companion(
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", with_value={"ingress": [], "egress": []}
        ),
    ),
    Rule(
        id="vpc-flow-log",
        title="A VPC has a flow log",
        controls=("EC2.6", "CIS 3.7"),
        severity=Severity.MEDIUM,
        remediation="Add an aws.ec2.FlowLog of the VPC with traffic_type ALL or REJECT.",
        types=(VPC,),
        check_in_stack=_flow_log,
    ),
    Rule(
        id="endpoint-names-what-passes",
        title="A VPC endpoint names what passes through it",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Name the buckets in the endpoint's policy: into anybody else's, data leaves without a trace here.",
        types=("aws:ec2/vpcEndpoint:VpcEndpoint",),
        check=_endpoint_for_everything,
    ),
    Rule(
        id="subnet-assigns-no-public-address",
        title="A subnet gives no public address by itself",
        controls=("EC2.15",),
        severity=Severity.MEDIUM,
        remediation="Leave map_public_ip_on_launch off; what is to be public takes an Elastic IP.",
        types=(SUBNET,),
        check=requires("mapPublicIpOnLaunch", False, None),
    ),
    Rule(
        id="administration-ports-closed",
        title="SSH and RDP are not open to the internet",
        controls=("EC2.53", "EC2.54", "CIS 5.2", "CIS 5.3"),
        severity=Severity.HIGH,
        remediation="Name the ranges that may come in, or go through the VPN or Session Manager.",
        types=(INGRESS,),
        check=_administration_ports,
    ),
    Rule(
        id="high-risk-ports-closed",
        title="Ports of databases, caches, consoles and development servers are not open to the internet",
        controls=("EC2.19",),
        severity=Severity.CRITICAL,
        remediation="Let in the security groups or the ranges that need it.",
        types=(INGRESS,),
        check=_high_risk_ports,
    ),
    Rule(
        id="only-web-ports-open",
        title="What is open to the internet is HTTP and HTTPS",
        controls=("EC2.18",),
        severity=Severity.HIGH,
        remediation="Let in the ranges that need it, or except the port with its reason.",
        types=(INGRESS,),
        check=_authorised_ports,
    ),
    Rule(
        id="egress-one-port",
        title="A way out to the internet is one port wide",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Name the port that is needed; 443 carries the AWS APIs, registries and most services.",
        types=(EGRESS,),
        check=_egress,
    ),
    Rule(
        id="security-group-rules-stand-alone",
        title="A security group's rules are resources of their own",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Use SecurityGroupIngressRule and SecurityGroupEgressRule: inline rules remove those again.",
        types=(SECURITY_GROUP,),
        check=_inline,
    ),
    Rule(
        id="security-group-described",
        title="Security groups and their rules say what they are for",
        controls=(),
        severity=Severity.LOW,
        remediation="Give a description.",
        types=(SECURITY_GROUP, INGRESS, EGRESS),
        check=requires_set("description"),
    ),
)
