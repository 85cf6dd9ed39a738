"""Records of Cloudflare's that stand where the program makes one, and how the stack takes them over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.aws.acm import Certificate
from workbench.aws.elastic_load_balancing import LoadBalancer
from workbench.cloudflare import DnsRecord
from workbench.operations.doctor.facts import Facts
from workbench.operations.readings import Unclear, Unread
from workbench.program import Description

_EXCLUSIVE = frozenset({"A", "AAAA", "CNAME"})
"""A name has either one CNAME or addresses ("Records with the same name", Cloudflare DNS)."""

_RECORD_TYPE = "cloudflare:index/dnsRecord:DnsRecord"
_ZONE_TYPE = "zelly-components:index:DnsZone"
_CERTIFICATE_TYPE = "zelly-components:index:Certificate"
_ACM = ".acm-validations.aws"


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A record that stands where the program makes one of its own."""

    record: DnsRecord
    wanted_type: str
    name: str
    """The logical name of the program's record."""
    parent: tuple[str, str]
    """The type and the name of the component that the program's record belongs to."""

    @property
    def can_be_imported(self) -> bool:
        """Whether the stack can take it over: another type would be a replacement, and its new record refused."""
        return self.record.type == self.wanted_type

    @property
    def line(self) -> str:
        """The record that stands there, for the operator to read."""
        record = self.record
        way = "" if self.can_be_imported else f"; the program makes {self.wanted_type}: delete it right before `up`"
        beside = ", and would be answered beside the program's" if self._is_shared else ""
        return f"{record.name}: {record.type} {record.content} is there{beside}{way} (record {record.id})"

    @property
    def _is_shared(self) -> bool:
        return self.record.type == self.wanted_type == "A"


def conflicts(
    description: Description,
    records: Sequence[DnsRecord],
    *,
    balancers: Mapping[str, LoadBalancer],
    certificates: Mapping[str, Certificate],
) -> Sequence[Conflict]:
    """Return the records that are not the stack's own and stand where it makes one.

    Its own lead to its balancers. Of a certificate that ACM does not have yet, the validation record's name is not
    known; one that is there already is that of an earlier certificate, and the same account gets the same name again.
    """
    found: list[Conflict] = []
    for hostname, balancer in description.hostnames.items():
        own = _own_contents(balancers.get(balancer))
        there = [one for one in records if one.name == hostname and one.type in _EXCLUSIVE and one.content not in own]
        found += _of_hostname(description, hostname, there)
        if hostname in description.certified_hostnames and hostname not in certificates:
            found += [_of_certificate(description, hostname, one) for one in records if _validates(one, hostname)]
    return found


def found_conflicts(description: Description, facts: Facts) -> Sequence[Conflict]:
    """Return the conflicts of an environment; none where something that tells was not read."""
    records, balancers, certificates = facts.account.dns_records, facts.balancers, facts.certificates
    if isinstance(records, Unclear | Unread) or isinstance(balancers, Unread) or isinstance(certificates, Unread):
        return ()
    return conflicts(description, records, balancers=balancers, certificates=certificates)


def import_file(found: Sequence[Conflict], zone_id: str) -> Mapping[str, Any]:
    """Return what ``pulumi import --file`` takes, with the components that the records belong to.

    In a stack without resources ``--parent`` is refused, since there is no such parent yet; a file may make it.
    """
    importable = [conflict for conflict in found if conflict.can_be_imported]
    parents = dict.fromkeys(conflict.parent for conflict in importable)
    return {
        "resources": [
            *({"type": type_token, "name": name, "component": True} for type_token, name in parents),
            *(
                {
                    "type": _RECORD_TYPE,
                    "name": conflict.name,
                    "id": f"{zone_id}/{conflict.record.id}",
                    "parent": conflict.parent[1],
                }
                for conflict in importable
            ),
        ]
    }


def _own_contents(balancer: LoadBalancer | None) -> frozenset[str]:
    return frozenset() if balancer is None else frozenset({balancer.dns_name, *balancer.addresses})


def _of_hostname(description: Description, hostname: str, there: Sequence[DnsRecord]) -> Sequence[Conflict]:
    is_alias = hostname in description.certified_hostnames
    name = f"{description.dns_zone}-{hostname}"
    return [
        Conflict(
            record=record,
            wanted_type="CNAME" if is_alias else "A",
            name=name if is_alias else f"{name}-{position}",
            parent=(_ZONE_TYPE, description.dns_zone),
        )
        for position, record in enumerate(there, start=1)
    ]


def _of_certificate(description: Description, hostname: str, record: DnsRecord) -> Conflict:
    certificate = description.certificate_names[hostname]
    return Conflict(
        record=record,
        wanted_type="CNAME",
        name=f"{certificate}-validation-{hostname}",
        parent=(_CERTIFICATE_TYPE, certificate),
    )


def _validates(record: DnsRecord, hostname: str) -> bool:
    return (
        record.type == "CNAME"
        and record.name.startswith("_")
        and record.name.endswith(f".{hostname}")
        and record.name.count(".") == hostname.count(".") + 1
        and record.content.rstrip(".").endswith(_ACM)
    )
