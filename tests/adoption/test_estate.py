"""The live estate of the tests: as large as Zelly's, of the types that Terraform has, and standing in AWS."""

from collections import Counter
from typing import Any

from tests.adoption.conftest import Standing

_MODULES = {
    "": 3,
    "module.aurora": 12,
    "module.bastion": 6,
    "module.caddy_efs": 6,
    "module.clickhouse": 6,
    "module.dns": 13,
    "module.ecs": 61,
    "module.observability": 9,
    "module.redis": 7,
    "module.vpc": 20,
}


def _counts(state: dict[str, Any]) -> Counter[str]:
    return Counter(
        resource.get("module", "")
        for resource in state["resources"]
        for _ in resource["instances"]
        if resource["mode"] == "managed"
    )


def test_staging_has_its_modules(staging: Standing) -> None:
    assert _counts(staging.state) == _MODULES


def test_production_has_repositories_and_the_trust_of_github_beside_them(production: Standing) -> None:
    assert _counts(production.state) == {**_MODULES, "module.ecr": 12, "module.github_oidc": 3} | {"module.aurora": 11}
