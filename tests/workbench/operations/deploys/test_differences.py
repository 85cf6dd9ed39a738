"""What is said of two revisions that differ."""

from typing import Any

from workbench.operations.deploys.differences import differences

API: dict[str, Any] = {
    "name": "api",
    "image": "repo/api:1",
    "environment": [{"name": "LEVEL", "value": "info"}, {"name": "OLD", "value": "secret-looking"}],
    "secrets": [{"name": "KEY", "valueFrom": "arn:1"}],
    "stopTimeout": 30,
}
BEFORE: dict[str, Any] = {
    "family": "shop",
    "cpu": "256",
    "runtimePlatform": {"cpuArchitecture": "X86_64"},
    "containerDefinitions": [API, {"name": "proxy", "image": "proxy:1"}],
}


def test_the_same_documents_do_not_differ() -> None:
    assert differences(BEFORE, BEFORE) == []


def test_sizes_and_images_are_told_with_values_and_everything_else_without() -> None:
    api = {
        **API,
        "image": "repo/api:2",
        "environment": [{"name": "LEVEL", "value": "debug"}, {"name": "NEW", "value": "x"}],
        "secrets": [{"name": "KEY", "valueFrom": "arn:2"}],
        "stopTimeout": 60,
    }
    after = {
        **BEFORE,
        "cpu": "512",
        "memory": "1024",
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "containerDefinitions": [api, {"name": "logger", "image": "logger:1"}],
    }
    assert differences(BEFORE, after) == [
        "cpu: 256 -> 512",
        "memory: none -> 1024",
        "runtimePlatform: cpuArchitecture X86_64 -> cpuArchitecture ARM64",
        "api, environment: OLD removed, NEW added, LEVEL changed",
        "api, image: repo/api:1 -> repo/api:2",
        "api, secrets: KEY changed",
        "api, stopTimeout: changed",
        "logger: added",
        "proxy: removed",
    ]


def test_deployed_images_do_not_count() -> None:
    api = {**API, "image": "repo/api:2"}
    after = {**BEFORE, "containerDefinitions": [api, {"name": "proxy", "image": "proxy:2"}]}
    assert differences(BEFORE, after, apart_from=["api"]) == ["proxy, image: proxy:1 -> proxy:2"]


def test_the_order_of_an_environment_does_not_matter() -> None:
    api = {**API, "environment": list(reversed(API["environment"]))}
    assert differences(BEFORE, {**BEFORE, "containerDefinitions": [api, BEFORE["containerDefinitions"][1]]}) == []
