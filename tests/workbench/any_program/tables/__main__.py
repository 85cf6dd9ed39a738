"""A table that no provider of AWS's makes: a dynamic provider, whose inputs are made of outputs."""

from typing import Any

import pulumi
import pulumi_random as random
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class _Tables(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("orders", {**props, "address": f"db/{props['name']}"})


class Table(Resource):
    """A table of a database."""

    address: pulumi.Output[str]

    def __init__(self, name: str, owner: pulumi.Input[str]) -> None:
        super().__init__(_Tables(), name, {"name": name, "owner": owner, "address": None})


suffix = random.RandomString("suffix", length=4)
table = Table("orders", pulumi.Output.concat("app-", suffix.result))
pulumi.export("address", table.address)
