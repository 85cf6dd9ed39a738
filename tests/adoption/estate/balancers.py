"""The balancers of ``module.ecs``: three for applications, and one that passes TCP on to Caddy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.adoption.estate.access import MODULE, NETWORK_BALANCER, Groups, application_balancers, balancer_services
from tests.adoption.estate.making import Estate
from tests.adoption.estate.network import Network, make_address
from tests.adoption.estate.state_file import Written
from tests.zelly_infra.facts import HEALTH_PATH, SERVICES

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
_NETWORK_PORTS = (80, 443)


@dataclass(frozen=True, kw_only=True)
class Balancers:
    """What the services and the names refer to."""

    balancers: Mapping[str, Written]
    targets: Mapping[tuple[str, int], Written]
    """Target groups by service and port."""
    listeners: Mapping[tuple[str, int], Written]
    """By balancer and port."""


def make_balancers(estate: Estate, network: Network, groups: Groups, certificates: Mapping[str, Written]) -> Balancers:
    """Make balancers, target groups and listeners."""
    balancers: dict[str, Written] = {}
    targets: dict[tuple[str, int], Written] = {}
    listeners: dict[tuple[str, int], Written] = {}
    for position, name in enumerate(application_balancers()):
        service = balancer_services()[name]
        port = _port(service)
        balancers[name] = _application_balancer(estate, network, groups.balancers[name], name, position)
        targets[service, port] = _application_targets(estate, network, service, port, position)
        forward = targets[service, port]
        listeners[name, 80] = _redirect(estate, balancers[name], name, position)
        key = estate.key(position, name, mixed=str)
        listeners[name, 443] = _https(
            estate, balancers[name], target=forward, certificate=certificates[service], key=key
        )
    balancers[NETWORK_BALANCER] = _network_balancer(estate, network, groups.balancers.get(NETWORK_BALANCER))
    for position, port in enumerate(_NETWORK_PORTS):
        target = targets["storefront", port] = _network_targets(estate, network, port, position)
        listener = _tcp(estate, balancers[NETWORK_BALANCER], target, port, position)
        listeners[NETWORK_BALANCER, port] = listener
    return Balancers(balancers=balancers, targets=targets, listeners=listeners)


def _port(service: str) -> int:
    """Return the one port that an application load balancer routes to."""
    ingress = SERVICES[service].ingress
    assert ingress is not None
    (port,) = ingress[1]
    return port


def _suffix(arn: str, kind: str) -> str:
    return arn.partition(f":{kind}/")[2] if kind == "loadbalancer" else arn.rpartition(":")[2]


def _balancer(made: Mapping[str, Any], name: str, estate: Estate, network: Network) -> dict[str, Any]:
    arn = made["LoadBalancerArn"]
    return {
        "id": arn,
        "access_logs": [{"bucket": "", "enabled": False, "prefix": ""}],
        "arn": arn,
        "arn_suffix": _suffix(arn, "loadbalancer"),
        "customer_owned_ipv4_pool": "",
        "dns_name": made["DNSName"],
        "enable_deletion_protection": estate.facts.deletion_protection,
        "enable_zonal_shift": False,
        "internal": False,
        "ip_address_type": "ipv4",
        "load_balancer_type": made["Type"],
        "name": name,
        "name_prefix": "",
        "vpc_id": network.vpc["id"],
        "zone_id": made["CanonicalHostedZoneId"],
        **estate.tags(name),
    }


def _protect(estate: Estate, arn: str) -> None:
    if estate.facts.deletion_protection:
        estate.client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
        )


def _application_balancer(estate: Estate, network: Network, group: Written, name: str, position: int) -> Written:
    made = estate.client("elbv2").create_load_balancer(
        Name=name,
        Type="application",
        Scheme="internet-facing",
        Subnets=network.public_ids,
        SecurityGroups=[group["id"]],
        Tags=estate.tag_list(name),
    )["LoadBalancers"][0]
    _protect(estate, made["LoadBalancerArn"])
    return estate.add(
        MODULE,
        "aws_lb.alb",
        {
            **_balancer(made, name, estate, network),
            "client_keep_alive": 3600,
            "connection_logs": [{"bucket": "", "enabled": False, "prefix": ""}],
            "desync_mitigation_mode": "defensive",
            "enable_cross_zone_load_balancing": True,
            "enable_http2": True,
            "idle_timeout": 60,
            "security_groups": [group["id"]],
            "subnet_mapping": [_mapping(subnet) for subnet in network.public_ids],
            "subnets": network.public_ids,
            "xff_header_processing_mode": "append",
        },
        key=estate.key(position, name, mixed=str),
        after=[group, *network.public],
    )


def _mapping(subnet_id: str, allocation_id: str = "") -> dict[str, str]:
    empty = dict.fromkeys(("ipv6_address", "outpost_id", "private_ipv4_address"), "")
    return {**empty, "allocation_id": allocation_id, "subnet_id": subnet_id}


def _network_balancer(estate: Estate, network: Network, group: Written | None) -> Written:
    name, subnet = NETWORK_BALANCER, network.public[0]
    address = make_address(estate, MODULE, "aws_eip.nlb", f"{estate.prefix}-{name}", key=0, after=[])
    groups = [] if group is None else [group]
    made = estate.client("elbv2").create_load_balancer(
        Name=name,
        Type="network",
        Scheme="internet-facing",
        SubnetMappings=[{"SubnetId": subnet["id"], "AllocationId": address["id"]}],
        **({"SecurityGroups": [group["id"]]} if group else {}),
        Tags=estate.tag_list(name),
    )["LoadBalancers"][0]
    _protect(estate, made["LoadBalancerArn"])
    return estate.add(
        MODULE,
        "aws_lb.nlb",
        {
            **_balancer(made, name, estate, network),
            "dns_record_client_routing_policy": "any_availability_zone",
            "enforce_security_group_inbound_rules_on_private_link_traffic": "on" if group else "",
            "security_groups": [each["id"] for each in groups],
            "subnet_mapping": [_mapping(subnet["id"], address["id"])],
            "subnets": [subnet["id"]],
        },
        after=[subnet, address, *groups],
    )


def _application_targets(estate: Estate, network: Network, service: str, port: int, position: int) -> Written:
    short = application_balancers()[position].removeprefix("alb-")
    name = estate.name(f"{estate.prefix}-{short}" if estate.options.names != "prefix" else short[:5], limit=32)
    check = {
        "enabled": True,
        "healthy_threshold": 2,
        "interval": 30,
        "matcher": "200",
        "path": HEALTH_PATH,
        "port": "traffic-port",
        "protocol": "HTTP",
        "timeout": 5,
        "unhealthy_threshold": 3,
    }
    made = estate.client("elbv2").create_target_group(
        Name=name,
        Protocol="HTTP",
        ProtocolVersion="HTTP1",
        Port=port,
        VpcId=network.vpc["id"],
        TargetType="ip",
        HealthCheckPath=HEALTH_PATH,
        HealthCheckProtocol="HTTP",
        HealthCheckIntervalSeconds=30,
        HealthCheckTimeoutSeconds=5,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=3,
        Matcher={"HttpCode": "200"},
        Tags=estate.tag_list(name),
    )["TargetGroups"][0]
    attributes = {
        **_targets(estate, network, made, name, port),
        "deregistration_delay": "30",
        "health_check": [check],
        "lambda_multi_value_headers_enabled": False,
        "load_balancing_algorithm_type": "round_robin",
        "load_balancing_anomaly_mitigation": "off",
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "slow_start": 0,
        "stickiness": [{"cookie_duration": 86400, "cookie_name": "", "enabled": False, "type": "lb_cookie"}],
    }
    _set_deregistration_delay(estate, made["TargetGroupArn"])
    key = estate.key(position, service, mixed=str)
    return estate.add(MODULE, "aws_lb_target_group.alb", attributes, key=key, after=[network.vpc])


def _set_deregistration_delay(estate: Estate, arn: str) -> None:
    estate.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
    )


def _targets(estate: Estate, network: Network, made: Mapping[str, Any], name: str, port: int) -> dict[str, Any]:
    arn = made["TargetGroupArn"]
    return {
        "id": arn,
        "arn": arn,
        "arn_suffix": _suffix(arn, "targetgroup"),
        "ip_address_type": "ipv4",
        "load_balancer_arns": [],
        "load_balancing_cross_zone_enabled": "use_load_balancer_configuration",
        "name": name,
        "name_prefix": estate.name_prefix(name) or "",
        "port": port,
        "proxy_protocol_v2": False,
        "target_type": "ip",
        "vpc_id": network.vpc["id"],
        **estate.tags(name),
    }


def _network_targets(estate: Estate, network: Network, port: int, position: int) -> Written:
    name = estate.name(f"{estate.prefix}-caddy-{port}" if estate.options.names != "prefix" else "caddy", limit=32)
    made = estate.client("elbv2").create_target_group(
        Name=name,
        Protocol="TCP",
        Port=port,
        VpcId=network.vpc["id"],
        TargetType="ip",
        HealthCheckProtocol="TCP",
        HealthCheckIntervalSeconds=30,
        HealthyThresholdCount=3,
        UnhealthyThresholdCount=3,
        Tags=estate.tag_list(name),
    )["TargetGroups"][0]
    estate.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=made["TargetGroupArn"],
        Attributes=[{"Key": "preserve_client_ip.enabled", "Value": "true"}],
    )
    _set_deregistration_delay(estate, made["TargetGroupArn"])
    attributes = {
        **_targets(estate, network, made, name, port),
        "connection_termination": False,
        "deregistration_delay": "30",
        "health_check": [
            {
                "enabled": True,
                "healthy_threshold": 3,
                "interval": 30,
                "matcher": "",
                "path": "",
                "port": "traffic-port",
                "protocol": "TCP",
                "timeout": 10,
                "unhealthy_threshold": 3,
            }
        ],
        "preserve_client_ip": "true",
        "protocol": "TCP",
        "stickiness": [{"cookie_duration": 0, "cookie_name": "", "enabled": False, "type": "source_ip"}],
        "target_failover": [{"on_deregistration": None}],
        "target_health_state": [{"enable_unhealthy_connection_termination": True, "unhealthy_draining_interval": 0}],
    }
    key = estate.key(position, str(port), mixed=str)
    return estate.add(MODULE, "aws_lb_target_group.nlb", attributes, key=key, after=[network.vpc])


def _listener(
    estate: Estate,
    address: str,
    balancer: Written,
    api: Mapping[str, Any],
    attributes: Mapping[str, Any],
    *,
    key: str | int,
    after: list[Written],
) -> Written:
    made = estate.client("elbv2").create_listener(LoadBalancerArn=balancer["arn"], Tags=estate.tag_list(), **api)[
        "Listeners"
    ][0]
    arn = made["ListenerArn"]
    whole = {
        "id": arn,
        "arn": arn,
        "alpn_policy": None,
        "load_balancer_arn": balancer["arn"],
        "port": api["Port"],
        "protocol": api["Protocol"],
        "ssl_policy": "",
        **attributes,
        **estate.tags(),
    }
    return estate.add(MODULE, address, whole, key=key, after=[balancer, *after])


def _redirect(estate: Estate, balancer: Written, name: str, position: int) -> Written:
    to = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    whole = {"host": "#{host}", "path": "/#{path}", "query": "#{query}"}
    redirect = {**whole, "port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}
    return _listener(
        estate,
        "aws_lb_listener.http",
        balancer,
        {"Port": 80, "Protocol": "HTTP", "DefaultActions": [{"Type": "redirect", "Order": 1, "RedirectConfig": to}]},
        {
            "default_action": [{"order": 1, "redirect": [redirect], "target_group_arn": "", "type": "redirect"}],
            "routing_http_response_server_enabled": True,
        },
        key=estate.key(position, name, mixed=str),
        after=[],
    )


def _https(estate: Estate, balancer: Written, *, target: Written, certificate: Written, key: str | int) -> Written:
    api = {
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": _TLS_POLICY,
        "Certificates": [{"CertificateArn": certificate["certificate_arn"]}],
        "DefaultActions": [{"Type": "forward", "Order": 1, "TargetGroupArn": target["arn"]}],
    }
    attributes = {
        "certificate_arn": certificate["certificate_arn"],
        "default_action": [_forward(target)],
        "mutual_authentication": [
            {
                "advertise_trust_store_ca_names": "",
                "ignore_client_certificate_expiry": False,
                "mode": "off",
                "trust_store_arn": "",
            }
        ],
        "routing_http_response_server_enabled": True,
        "ssl_policy": _TLS_POLICY,
    }
    after = [target, certificate]
    return _listener(estate, "aws_lb_listener.https", balancer, api, attributes, key=key, after=after)


def _tcp(estate: Estate, balancer: Written, target: Written, port: int, position: int) -> Written:
    api = {
        "Port": port,
        "Protocol": "TCP",
        "DefaultActions": [{"Type": "forward", "Order": 1, "TargetGroupArn": target["arn"]}],
    }
    attributes = {"default_action": [_forward(target)], "tcp_idle_timeout_seconds": 350}
    key = estate.key(position, str(port), mixed=str)
    return _listener(estate, "aws_lb_listener.nlb", balancer, api, attributes, key=key, after=[target])


def _forward(target: Written) -> dict[str, Any]:
    return {"order": 1, "target_group_arn": target["arn"], "type": "forward"}
