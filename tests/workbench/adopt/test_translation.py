"""Instances in Pulumi's terms."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from workbench.adopt.model import Instance
from workbench.adopt.translation import translated

_CASES: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
    (
        "aws_lb_listener",
        {
            "id": "arn:l",
            "port": 443,
            "alpn_policy": None,
            "default_action": [{"type": "forward", "target_group_arn": "arn:t", "redirect": []}],
        },
        {"id": "arn:l", "port": 443, "defaultActions": [{"type": "forward", "targetGroupArn": "arn:t"}]},
    ),
    (
        "aws_instance",
        {
            "id": "i-1",
            "root_block_device": [{"volume_size": 8, "tags": {"a_b": "c"}}],
            "vpc_security_group_ids": ["sg-1"],
            "metadata_options": [],
            "tags_all": {"Name": "x"},
        },
        {
            "id": "i-1",
            "rootBlockDevice": {"volumeSize": 8, "tags": {"a_b": "c"}},
            "vpcSecurityGroupIds": ["sg-1"],
            "tagsAll": {"Name": "x"},
        },
    ),
    (
        "aws_dlm_lifecycle_policy",
        {"id": "p", "policy_details": [{"schedule": [{"create_rule": [{"times": ["20:00"]}]}]}]},
        {"id": "p", "policyDetails": {"schedules": [{"createRule": {"times": "20:00"}}]}},
    ),
    (
        "aws_cloudwatch_metric_alarm",
        {"id": "a", "alarm_name": "a", "metric_query": [{"id": "m", "metric": [{"dimensions": {"K": "v"}}]}]},
        {"id": "a", "name": "a", "metricQueries": [{"id": "m", "metric": {"dimensions": {"K": "v"}}}]},
    ),
    (
        "cloudflare_record",
        {"id": "r", "name": "api", "hostname": "api.example.org", "value": "x", "content": None},
        {"id": "r", "name": "api.example.org", "content": "x"},
    ),
    ("cloudflare_dns_record", {"id": "r", "name": "api.example.org"}, {"id": "r", "name": "api.example.org"}),
    ("null_resource", {"id": "1"}, {}),
]


@pytest.mark.parametrize(("terraform_type", "attributes", "properties"), _CASES)
def test_properties_have_the_sdk_s_names_and_structures(
    terraform_type: str, attributes: Mapping[str, Any], properties: Mapping[str, Any]
) -> None:
    found = translated(Instance(address="a", type=terraform_type, attributes=attributes))
    assert found.properties == properties
    assert bool(found.type) is (terraform_type != "null_resource")
