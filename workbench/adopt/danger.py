"""The danger of what stays behind: nobody manages it once Terraform has forgotten it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from workbench.adopt.matching.values import member, scalar
from workbench.adopt.model import Translated
from workbench.adopt.types import NOT_TAKEN
from workbench.review.cost.types import PRICED
from workbench.review.danger.stakes import STATEFUL
from workbench.review.plan_document import PlannedResource

_RULE = "aws:vpc/securityGroup"
_RECORD = "cloudflare:index/dnsRecord:DnsRecord"
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_ACCESS: Mapping[str, str] = {
    "aws:iam/role:Role": "what it may do, it may do on, for whoever it trusts",
    "aws:iam/rolePolicy:RolePolicy": "what it allows stays allowed",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "what the policy allows stays allowed",
    "aws:iam/instanceProfile:InstanceProfile": "hosts that have it keep the role's permissions",
    "aws:ec2/keyPair:KeyPair": "whoever has the private key can still start hosts with it",
    "aws:ec2/route:Route": "traffic goes on along it",
    _RECORD: "the name goes on leading there",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "it goes on ringing, beside the program's own alarms",
    "aws:sns/topicSubscription:TopicSubscription": "messages go on arriving",
}


def names_of_records(made: Iterable[PlannedResource]) -> Collection[str]:
    """Return the names of the DNS records among what is to be created."""
    return {str(each.inputs.get("name")).lower() for each in made if each.type == _RECORD}


def danger_of(item: Translated, shared: Sequence[str] = (), records: Collection[str] = ()) -> str:
    """Return in words what of an instance goes on while nobody manages it.

    ``shared`` are the resources that have it in common, ``records`` the names of records that are to be created.
    """
    words = [_shared(shared)] if shared else []
    if not item.type:
        reason = NOT_TAKEN.get(item.instance.type)
        return f"not taken: {reason}" if reason else f"the table of types has no row for {item.instance.type}"
    if item.type.startswith(_RULE):
        words.append(_open_rule(item.properties, egress="Egress" in item.type))
    if item.type == _RECORD and str(item.properties.get("name")).lower() in records:
        # Cloudflare's documentation, "Records with the same name": error 81053 or 81054.
        words.append("the program makes records of the same name, which are refused beside a CNAME: delete it first")
    if (stake := STATEFUL.get(item.type)) is not None and item.type not in _ACCESS:
        words.append(f"keeps, and nothing protects any more, {stake.lost.partition(';')[0].partition(':')[0]}")
    if item.type in _ACCESS:
        words.append(_ACCESS[item.type])
    if item.type in PRICED:
        words.append("costs go on")
    return "; ".join(words) or "stays as it is, and nobody manages it"


def _shared(names: Sequence[str]) -> str:
    return f"one for all {len(names)} that have one each in the program"


def _open_rule(properties: Mapping[str, Any], *, egress: bool) -> str:
    peers = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    peer = next((value for name in peers if (value := scalar(member(properties, name))) is not None), "?")
    way = f"{'egress to' if egress else 'ingress from'} {peer}, {_ports(properties)},"
    wide = " to the whole internet" if peer in _EVERYWHERE and not egress else ""
    return f"{way} of {properties.get('securityGroupId')} stays open{wide}"


def _ports(properties: Mapping[str, Any]) -> str:
    protocol = properties.get("ipProtocol")
    if protocol == "-1":
        return "everything"
    first, last = properties.get("fromPort"), properties.get("toPort")
    return f"{protocol} {first}" if first == last else f"{protocol} {first} to {last}"
