"""Write ``allowed_values.json`` of :mod:`zelly_components.limits`: lists of AWS's, read off botocore and moto.

``make lists`` runs it. A test holds the file to it, so that a newer botocore that knows more says so.
"""

import datetime
import importlib.metadata
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import botocore.session
from moto.elbv2.ssl_policies import SSL_POLICIES

from zelly_components.limits.allowed_values import FILE
from zelly_components.limits.instance_type import INSTANCE_TYPE_PATTERN

_PREVIOUS_GENERATION = ("c1", "m1", "m2", "m3", "r3", "t1")
""""Existing clusters are still supported but creation of new clusters is not" (CreateReplicationGroup)."""


def lists() -> Mapping[str, Mapping[str, Any]]:
    """Return each list with what it was read off."""
    session: Any = botocore.session.get_session()
    return {
        "instance_types": {
            "source": "botocore: EC2, the enumeration InstanceType",
            "values": _by_family(
                each
                for each in session.get_service_model("ec2").shape_for("InstanceType").enum
                if re.fullmatch(INSTANCE_TYPE_PATTERN, each)
            ),
        },
        "cache_node_types": {
            "source": "botocore: ElastiCache, CreateReplicationGroup, CacheNodeType, without the previous generation",
            "values": _by_family(_cache_node_types(session)),
        },
        "regions": {
            "source": "botocore: the endpoints of EC2 in the partition aws",
            "values": sorted(session.get_available_regions("ec2", partition_name="aws")),
        },
        "tls_policies": {
            "source": "moto: Elastic Load Balancing, DescribeSSLPolicies",
            "values": sorted(SSL_POLICIES),
        },
        "log_retention_days": {
            "source": "botocore: CloudWatch Logs, PutRetentionPolicy, retentionInDays",
            "values": _log_retention_days(session),
        },
    }


def _cache_node_types(session: Any) -> Sequence[str]:
    text = _documentation(session, "elasticache", "CreateReplicationGroupMessage", "CacheNodeType")
    found = sorted(set(re.findall(r"cache\.[a-z0-9]+\.[a-z0-9]+", text)))
    return [each for each in found if each.split(".")[1] not in _PREVIOUS_GENERATION]


def _log_retention_days(session: Any) -> Sequence[int]:
    text = _documentation(session, "logs", "PutRetentionPolicyRequest", "retentionInDays")
    (listed,) = re.findall(r"Possible values are: ([\d, and]+)\.", text)
    return [int(number) for number in re.findall(r"\d+", listed)]


def _documentation(session: Any, service: str, shape: str, member: str) -> str:
    return session.get_service_model(service).shape_for(shape).members[member].documentation


def _by_family(types: Any) -> Mapping[str, str]:
    families: dict[str, list[str]] = {}
    for each in types:
        family, size = each.rsplit(".", 1)
        families.setdefault(family, []).append(size)
    return {family: " ".join(sorted(sizes)) for family, sizes in sorted(families.items())}


def main() -> None:
    """Write the file."""
    document = {
        "read_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "read_off": {name: importlib.metadata.version(name) for name in ("botocore", "moto")},
        "lists": lists(),
    }
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
