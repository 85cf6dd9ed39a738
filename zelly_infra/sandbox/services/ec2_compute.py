"""Instances, their keys and their volumes."""

import base64
import time
from collections.abc import Mapping
from typing import Any

from zelly_infra.sandbox.errors import AwsRefusalError
from zelly_infra.sandbox.making import Made, Making
from zelly_infra.sandbox.services.ec2_network import ec2_arn, specification
from zelly_infra.sandbox.table import AutoName, Function, Irregular, Outputs, Parameters, ResourceRow, Row

_PROFILE_ATTEMPTS = 5


def _root_block_device(making: Making, device: Any) -> Parameters:
    images = making.call("describe_images", ImageIds=[making.inputs["ami"]])["Images"]
    ebs = {member[0].upper() + member[1:]: value for member, value in device.items() if member != "tags"}
    return {"BlockDeviceMappings": [{"DeviceName": images[0]["RootDeviceName"], "Ebs": ebs}]}


RESOURCES: Mapping[str, ResourceRow] = {}
FUNCTIONS: Mapping[str, Function] = {}
