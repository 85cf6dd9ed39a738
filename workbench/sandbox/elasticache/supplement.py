"""ElastiCache: parameter groups, which moto lacks, a replication group's nodes, which it does not list, and changes."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from workbench.sandbox.elasticache.engines import check_changed_group, check_new_group
from workbench.sandbox.server.state import change
from workbench.sandbox.server.table import Call, Forgotten, Missing, Preparation, RefusalError, Supplement


def _backend(call: Call) -> Any:
    return get_backend("elasticache")[call.account_id][call.region]


def _groups(call: Call) -> dict[str, Any]:
    return call.kept("parameter groups")


def _parameters(call: Call) -> dict[str, dict[str, str]]:
    return call.kept("parameters")


def _existing_name(call: Call) -> str:
    name = call.parameters["CacheParameterGroupName"].lower()
    if name not in _groups(call):
        raise RefusalError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return name


def _create_group(call: Call) -> Mapping[str, Any]:
    # ElastiCache keeps names in lower case.
    name = call.parameters["CacheParameterGroupName"].lower()
    if name in _groups(call):
        raise RefusalError("CacheParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    arn = call.arn("elasticache", f"parametergroup:{name}")
    _groups(call)[name] = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": call.parameters["CacheParameterGroupFamily"],
        "Description": call.parameters["Description"],
        "IsGlobal": False,
        "ARN": arn,
    }
    _backend(call).tagging_service.tag_resource(arn, call.parameters.get("Tags", []))
    return {"CacheParameterGroup": _groups(call)[name]}


def _modify_group(call: Call) -> Mapping[str, Any]:
    name = _existing_name(call)
    parameters = _parameters(call).setdefault(name, {})
    for parameter in call.parameters["ParameterNameValues"]:
        parameters[parameter["ParameterName"]] = parameter["ParameterValue"]
    return {"CacheParameterGroupName": name}


def _describe_groups(call: Call) -> Mapping[str, Any]:
    if "CacheParameterGroupName" in call.parameters:
        return {"CacheParameterGroups": [_groups(call)[_existing_name(call)]]}
    return {"CacheParameterGroups": list(_groups(call).values())}


def _describe_parameters(call: Call) -> Mapping[str, Any]:
    """List what was set; the engine's own defaults are not known here."""
    name = _existing_name(call)
    parameters = _parameters(call).get(name, {}) if call.parameters.get("Source", "user") == "user" else {}
    return {
        "Parameters": [
            {"ParameterName": parameter, "ParameterValue": value, "Source": "user", "IsModifiable": True}
            for parameter, value in parameters.items()
        ]
    }


def _delete_group(call: Call) -> Mapping[str, Any]:
    name = _existing_name(call)
    arn = _groups(call).pop(name)["ARN"]
    _parameters(call).pop(name, None)
    _backend(call).tagging_service.delete_all_tags_for_resource(arn)
    return {}


def _list_tags(call: Call) -> Mapping[str, Any]:
    # moto refuses a parameter group's ARN.
    arn = call.parameters["ResourceName"]
    if not arn.startswith("arn:aws:elasticache:"):
        raise RefusalError("InvalidARN", f"ARN {arn} is invalid.")
    return {"TagList": _backend(call).tagging_service.list_tags_for_resource(arn)["Tags"]}


def _describe_nodes(call: Call) -> Mapping[str, Any]:
    backend = _backend(call)
    groups = backend.replication_groups.values()
    nodes = {
        member: _node(call, member, group, group_id=group.replication_group_id)
        for group in groups
        for member in group.member_clusters
    }
    alone = {identifier: _node(call, identifier, node) for identifier, node in backend.cache_clusters.items()}
    known = alone if call.parameters.get("ShowCacheClustersNotInReplicationGroups") else {**alone, **nodes}
    wanted = call.parameters.get("CacheClusterId")
    if wanted is None:
        return {"CacheClusters": list(known.values())}
    if wanted not in known:
        raise RefusalError("CacheClusterNotFound", f"CacheCluster {wanted} not found.")
    return {"CacheClusters": [known[wanted]]}


def _node(call: Call, identifier: str, source: Any, *, group_id: str | None = None) -> dict[str, Any]:
    """Return a node in the API's form; ``source`` is moto's record of it, or of the replication group it belongs to."""
    created = source.replication_group_create_time if group_id else source.cache_cluster_create_time
    group_ids: Sequence[str] = source.security_group_ids or []
    members: dict[str, Any] = {
        "CacheClusterId": identifier,
        "ReplicationGroupId": group_id,
        "ARN": call.arn("elasticache", f"cluster:{identifier}"),
        "CacheClusterStatus": source.status,
        "CacheClusterCreateTime": created,
        "NumCacheNodes": 1,
        "CacheNodeType": source.cache_node_type,
        "Engine": source.engine,
        "EngineVersion": source.engine_version,
        "PreferredMaintenanceWindow": source.preferred_maintenance_window,
        "CacheParameterGroup": {
            "CacheParameterGroupName": source.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        },
        "CacheSubnetGroupName": source.cache_subnet_group_name,
        "SecurityGroups": [{"SecurityGroupId": group, "Status": "active"} for group in group_ids],
        "AutoMinorVersionUpgrade": source.auto_minor_version_upgrade,
        "SnapshotRetentionLimit": source.snapshot_retention_limit,
        "SnapshotWindow": source.snapshot_window,
        "AuthTokenEnabled": source.auth_token_enabled,
        "TransitEncryptionEnabled": source.transit_encryption_enabled,
        "AtRestEncryptionEnabled": getattr(source, "at_rest_encryption_enabled", None),
        "TransitEncryptionMode": getattr(source, "transit_encryption_mode", None),
        "NotificationConfiguration": _notification(call, source.notification_topic_arn),
    }
    return {member: value for member, value in members.items() if value is not None}


def _notification(call: Call, topic_arn: str | None) -> dict[str, str] | None:
    """Return what a node says of its topic: ElastiCache gives up one that it can't publish to, and says so here alone.

    It publishes to no encrypted topic, nor to one whose policy names the account by another key than this.
    """
    if not topic_arn:
        return None
    topic = get_backend("sns")[call.account_id][call.region].topics.get(topic_arn)
    takes = (
        topic is not None
        and not topic.kms_master_key_id
        and '"aws:sourceowner"' in topic.policy.replace(" ", "").lower()
    )
    return {"TopicArn": topic_arn, "TopicStatus": "active" if takes else "inactive"}


def _whereabouts(call: Call) -> Mapping[str, Any]:
    parameter_group = call.parameters.get("CacheParameterGroupName", "default.")
    if not parameter_group.startswith("default."):
        _existing_name(call)
    groups: Mapping[str, Any] = _backend(call).cache_subnet_groups
    name = call.parameters.get("CacheSubnetGroupName")
    if name is None:
        return {"region": call.region}
    if name not in groups:
        raise RefusalError("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.")
    zones = [subnet["subnet_availability_zone"] for subnet in groups[name].subnets]
    return {"region": call.region, "zones": zones}


def _locate(group: dict[str, Any], remembered: Mapping[str, Any]) -> None:
    """Move a group from us-east-1, where moto puts every one, to its own region and its subnets' zones."""
    code = region_code(remembered["region"])
    for node_group in group.get("NodeGroups", []):
        primary = node_group.get("PrimaryEndpoint")
        if primary is not None:
            primary["Address"] = primary["Address"].replace(".use1.", f".{code}.")
            # Only the primary's address says its rank; the replicas' differs in nothing else.
            node_group["ReaderEndpoint"] = {**primary, "Address": primary["Address"].replace("master.", "replica.", 1)}
        for position, member in enumerate(node_group.get("NodeGroupMembers", [])):
            zones = remembered.get("zones") or [f"{remembered['region']}a"]
            member["PreferredAvailabilityZone"] = zones[position % len(zones)]
            if "ReadEndpoint" in member:
                member["ReadEndpoint"]["Address"] = member["ReadEndpoint"]["Address"].replace(".use1.", f".{code}.")


def region_code(region: str) -> str:
    """Return how ElastiCache's host names call a region, e.g. ``apse1`` for ``ap-southeast-1``."""
    area, direction, number = region.rsplit("-", 2)
    initials = "".join(word[0] for word in re.findall("north|south|east|west|central", direction))
    return f"{area.replace('-', '')}{initials}{number}"


def _subnet_group(call: Call) -> Any:
    name = call.parameters["CacheSubnetGroupName"]
    groups: Mapping[str, Any] = _backend(call).cache_subnet_groups
    if name not in groups:
        raise RefusalError("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.")
    return groups[name]


def _modify_subnet_group(call: Call) -> Mapping[str, Any]:
    backend, old = _backend(call), _subnet_group(call)
    name = old.cache_subnet_group_name
    del backend.cache_subnet_groups[name]
    # Its tags stay with its ARN.
    group = backend.create_cache_subnet_group(
        cache_subnet_group_name=name,
        cache_subnet_group_description=call.parameters.get(
            "CacheSubnetGroupDescription", old.cache_subnet_group_description
        ),
        subnet_ids=call.parameters.get("SubnetIds", [subnet["subnet_identifier"] for subnet in old.subnets]),
        tags=[],
    )
    subnets = [
        {
            "SubnetIdentifier": subnet["subnet_identifier"],
            "SubnetAvailabilityZone": {"Name": subnet["subnet_availability_zone"]},
        }
        for subnet in group.subnets
    ]
    return {
        "CacheSubnetGroup": {
            "CacheSubnetGroupName": name,
            "CacheSubnetGroupDescription": group.cache_subnet_group_description,
            "VpcId": group.vpc_id,
            "Subnets": subnets,
            "ARN": group.arn,
        }
    }


def _delete_subnet_group(call: Call) -> Mapping[str, Any]:
    backend, group = _backend(call), _subnet_group(call)
    name = group.cache_subnet_group_name
    if any(user.cache_subnet_group_name == name for user in backend.replication_groups.values()):
        raise RefusalError("CacheSubnetGroupInUse", f"Cache subnet group {name} is in use by a cache cluster.")
    del backend.cache_subnet_groups[name]
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    return {}


def _reset_group(call: Call) -> Mapping[str, Any]:
    name = _existing_name(call)
    parameters = _parameters(call).setdefault(name, {})
    if call.parameters.get("ResetAllParameters"):
        parameters.clear()
    for parameter in call.parameters.get("ParameterNameValues", []):
        parameters.pop(parameter["ParameterName"], None)
    return {"CacheParameterGroupName": name}


_CHANGED_MEMBERS: Mapping[str, str] = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "IpDiscovery": "ip_discovery",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
}
"""Members of ModifyReplicationGroup that moto overlooks -> how its replication group calls them."""


def _change_group(call: Call) -> None:
    """Change what moto overlooks."""
    group = _backend(call).replication_groups.get(call.parameters["ReplicationGroupId"])
    if group is None:
        # moto refuses the request.
        return
    if not call.parameters.get("CacheParameterGroupName", "default.").startswith("default."):
        _existing_name(call)
    check_changed_group(call, group)
    given = call.parameters
    change(group, **{field: given[member] for member, field in _CHANGED_MEMBERS.items() if member in given})
    deletes_token = call.parameters.get("AuthTokenUpdateStrategy") == "DELETE"
    if deletes_token or "AuthToken" in call.parameters:
        change(group, auth_token_enabled=not deletes_token, auth_token_last_modified_date=utcnow())


def _delete_replication_group(call: Call) -> Mapping[str, Any]:
    """Delete a replication group with its nodes; in moto it stays in deletion for ever."""
    backend = _backend(call)
    identifier = call.parameters["ReplicationGroupId"]
    if identifier not in backend.replication_groups:
        raise RefusalError("ReplicationGroupNotFoundFault", f"Replication group {identifier} not found.")
    snapshot = call.parameters.get("FinalSnapshotIdentifier")
    if snapshot is not None:
        try:
            backend.create_snapshot(snapshot, identifier, None, None, [])
        except ServiceException as error:
            raise RefusalError(error.code, error.message) from error
    group = backend.replication_groups.pop(identifier)
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    return {
        "ReplicationGroup": {"ReplicationGroupId": identifier, "Description": group.description, "Status": "deleting"}
    }


def _no_updates(call: Call) -> Mapping[str, Any]:
    del call
    return {"UpdateActions": []}


def _snapshot_time(call: Call) -> Mapping[str, Any]:
    del call
    return {"NodeSnapshots": [{"CacheNodeId": "0001", "CacheSize": "0 MB", "SnapshotCreateTime": utcnow()}]}


_ANSWERS: Mapping[str, Callable[[Call], Mapping[str, Any]]] = {
    "CreateCacheParameterGroup": _create_group,
    "ModifyCacheParameterGroup": _modify_group,
    "DescribeCacheParameterGroups": _describe_groups,
    "DescribeCacheParameters": _describe_parameters,
    "DeleteCacheParameterGroup": _delete_group,
    "ResetCacheParameterGroup": _reset_group,
    "ModifyCacheSubnetGroup": _modify_subnet_group,
    "DeleteCacheSubnetGroup": _delete_subnet_group,
    "DeleteReplicationGroup": _delete_replication_group,
    "ListTagsForResource": _list_tags,
    "DescribeCacheClusters": _describe_nodes,
    "DescribeUpdateActions": _no_updates,
}

_MISSING = tuple(
    Missing(service="elasticache", operation=operation, answer=answer) for operation, answer in _ANSWERS.items()
)
_FORGOTTEN = (
    Forgotten(
        service="elasticache",
        creates={"CreateReplicationGroup": "ReplicationGroup"},
        changes={"ModifyReplicationGroup": "ReplicationGroup"},
        reads={"DescribeReplicationGroups": "ReplicationGroups"},
        key="ReplicationGroupId",
        remember=_whereabouts,
        merge=_locate,
    ),
    Forgotten(
        service="elasticache",
        creates={"CreateSnapshot": "Snapshot"},
        reads={"DescribeSnapshots": "Snapshots"},
        key="SnapshotName",
        remember=_snapshot_time,
    ),
)
_PREPARATIONS = (
    Preparation(service="elasticache", operation="CreateReplicationGroup", prepare=check_new_group),
    Preparation(service="elasticache", operation="ModifyReplicationGroup", prepare=_change_group),
)

SUPPLEMENT = Supplement(missing=_MISSING, forgotten=_FORGOTTEN, preparations=_PREPARATIONS)
