"""``module.caddy_efs`` and ``module.dns``."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.adoption.estate.access import NETWORK_BALANCER, Groups, balancer_services
from tests.adoption.estate.balancers import Balancers
from tests.adoption.estate.groups import Rule, make_group
from tests.adoption.estate.making import Estate
from tests.adoption.estate.network import Network
from tests.adoption.estate.state_file import Written

EFS = "caddy_efs"
DNS = "dns"
_NFS_PORT = 2049
_ZONE = "zelly.in"
_ZONE_ID = "0123456789abcdef0123456789abcdef"
_HOSTS = {"fastify-nova": "api", "customer-panel": "account", "orion-backend": "orion-api", "storefront": "stores"}
_MADE_ON = "2024-03-12T09:15:{:02d}.000000Z"


@dataclass(frozen=True, kw_only=True)
class FileSystem:
    """What the storefront's task mounts."""

    file_system: Written
    access_point: Written
    mount_targets: list[Written]


def hostname(estate: Estate, service: str) -> str:
    """Return the name that clients use."""
    part = "" if estate.options.stack == "production" else f".{estate.options.stack}"
    return f"{_HOSTS[service]}{part}.{_ZONE}"


def make_file_system(estate: Estate, network: Network, groups: Groups) -> FileSystem:
    """Make everything of ``module.caddy_efs``."""
    name = f"{estate.prefix}-caddy"
    made = estate.client("efs").create_file_system(
        CreationToken=name,
        Encrypted=True,
        PerformanceMode="generalPurpose",
        ThroughputMode="bursting",
        Tags=estate.tag_list(name),
    )
    file_system_id = made["FileSystemId"]
    file_system = estate.add(
        EFS,
        "aws_efs_file_system.this",
        {
            "id": file_system_id,
            "arn": made["FileSystemArn"],
            "creation_token": name,
            "dns_name": f"{file_system_id}.efs.{estate.region}.amazonaws.com",
            "encrypted": True,
            "kms_key_id": estate.key_arn(),
            "name": name,
            "owner_id": estate.account_id,
            "performance_mode": "generalPurpose",
            "size_in_bytes": [{"value": 6144, "value_in_ia": 0, "value_in_standard": 6144}],
            "throughput_mode": "bursting",
            **estate.tags(name),
        },
    )
    rules = [Rule(direction="ingress", port=_NFS_PORT, group=groups.services["storefront"], description="NFS")]
    group = make_group(estate, EFS, "aws_security_group.this", f"{estate.prefix}-efs-sg", rules, vpc=network.vpc)
    return FileSystem(
        file_system=file_system,
        access_point=_access_point(estate, file_system, name),
        mount_targets=[
            _mount_target(estate, file_system, network.private[position], group, position)
            for position in range(len(network.private))
        ],
    )


def _mount_target(estate: Estate, file_system: Written, subnet: Written, group: Written, position: int) -> Written:
    made = estate.client("efs").create_mount_target(
        FileSystemId=file_system["id"], SubnetId=subnet["id"], SecurityGroups=[group["id"]]
    )
    zone = estate.zones[position]
    return estate.add(
        EFS,
        "aws_efs_mount_target.this",
        {
            "id": made["MountTargetId"],
            "availability_zone_id": subnet["availability_zone_id"],
            "availability_zone_name": zone,
            "dns_name": file_system["dns_name"],
            "file_system_arn": file_system["arn"],
            "file_system_id": file_system["id"],
            "ip_address": made["IpAddress"],
            "mount_target_dns_name": f"{zone}.{file_system['dns_name']}",
            "network_interface_id": made["NetworkInterfaceId"],
            "owner_id": estate.account_id,
            "security_groups": [group["id"]],
            "subnet_id": subnet["id"],
        },
        key=estate.key(position, zone, mixed=int),
        after=[file_system, subnet, group],
    )


def _access_point(estate: Estate, file_system: Written, name: str) -> Written:
    owner = {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "755"}
    made = estate.client("efs").create_access_point(
        ClientToken=name,
        FileSystemId=file_system["id"],
        PosixUser={"Uid": 1000, "Gid": 1000},
        RootDirectory={"Path": "/caddy", "CreationInfo": owner},
        Tags=estate.tag_list(name),
    )
    return estate.add(
        EFS,
        "aws_efs_access_point.this",
        {
            "id": made["AccessPointId"],
            "arn": made["AccessPointArn"],
            "file_system_arn": file_system["arn"],
            "file_system_id": file_system["id"],
            "owner_id": estate.account_id,
            "posix_user": [{"gid": 1000, "secondary_gids": [], "uid": 1000}],
            "root_directory": [
                {"creation_info": [{"owner_gid": 1000, "owner_uid": 1000, "permissions": "755"}], "path": "/caddy"}
            ],
            **estate.tags(name),
        },
        after=[file_system],
    )


def make_certificates(estate: Estate) -> Mapping[str, Written]:
    """Make certificates, their records and their validations; return these by service."""
    services = [service for name, service in balancer_services().items() if name != NETWORK_BALANCER]
    return {service: _certificate(estate, service, position) for position, service in enumerate(services)}


def _certificate(estate: Estate, service: str, position: int) -> Written:
    acm, domain = estate.client("acm"), hostname(estate, service)
    key = estate.key(position, service, mixed=str)
    arn = acm.request_certificate(DomainName=domain, ValidationMethod="DNS", Tags=estate.tag_list(domain))[
        "CertificateArn"
    ]
    seen = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    record = seen["DomainValidationOptions"][0]["ResourceRecord"]
    certificate = estate.add(
        DNS,
        "aws_acm_certificate.this",
        {
            "id": arn,
            "arn": arn,
            "domain_name": domain,
            "domain_validation_options": [
                {
                    "domain_name": domain,
                    "resource_record_name": record["Name"],
                    "resource_record_type": record["Type"],
                    "resource_record_value": record["Value"],
                }
            ],
            "not_after": "2027-04-11T23:59:59Z",
            "not_before": "2026-03-12T00:00:00Z",
            "status": "ISSUED",
            "subject_alternative_names": [domain],
            "validation_method": "DNS",
            **estate.tags(domain),
        },
        key=key,
        sensitive=("private_key",),
    )
    name, value = record["Name"].removesuffix("."), record["Value"].removesuffix(".")
    validation = _record(estate, "validation", name, value, key=key, after=[certificate])
    return estate.add(
        DNS,
        "aws_acm_certificate_validation.this",
        {
            "id": f"2024-03-12 09:17:{26 + position}.000 +0000 UTC",
            "certificate_arn": arn,
            "validation_record_fqdns": [validation["hostname"]],
        },
        key=key,
        after=[certificate, validation],
    )


def _record(
    estate: Estate, name: str, host: str, content: str, *, key: str | int, after: list[Written], ttl: int = 60
) -> Written:
    """Write a record down: Cloudflare is nowhere here, and keeps nothing."""
    made_on = _MADE_ON.format(ttl % 60)
    return estate.add(
        DNS,
        f"cloudflare_record.{name}",
        {
            "id": estate.hexadecimal(32),
            "content": content,
            "created_on": made_on,
            "hostname": host,
            "modified_on": made_on,
            "name": host.removesuffix(f".{_ZONE}"),
            "proxiable": True,
            "ttl": ttl,
            "type": "CNAME",
            "value": content,
            "zone_id": _ZONE_ID,
        },
        key=key,
        after=after,
    )


def make_names(estate: Estate, balancers: Balancers) -> None:
    """Point the platform's names at its balancers."""
    for position, (balancer, service) in enumerate(balancer_services().items()):
        target = balancers.balancers[balancer]
        key = estate.key(position, service, mixed=str)
        _record(estate, "service", hostname(estate, service), target["dns_name"], key=key, after=[target], ttl=300)
