from collections.abc import Iterator

import pytest

from tests.workbench.sandbox.conftest import Sandbox
from workbench.sandbox.embedded import EmbeddedAws
from workbench.sandbox.prerequisites import prerequisites

ISSUER = "https://token.actions.githubusercontent.com"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """An account of its own, in which nothing else was made."""
    with EmbeddedAws.start() as aws:
        yield Sandbox(aws)


def make(sandbox: Sandbox, *repository_names: str) -> tuple[str, ...]:
    return prerequisites(
        sandbox.aws.clients,
        repository_names=repository_names,
        registry_region="ap-south-1",
        provider_url=ISSUER,
        role_name="shop-pipeline",
    )


def test_only_what_is_missing_is_made_and_named(sandbox: Sandbox) -> None:
    assert make(sandbox, "shop/api") == (
        "repository shop/api in ap-south-1",
        f"OpenID Connect provider {ISSUER}",
        "role shop-pipeline",
    )
    assert make(sandbox, "shop/api", "shop/worker") == ("repository shop/worker in ap-south-1",)
    repositories = sandbox.client("ecr", "ap-south-1").describe_repositories()["repositories"]
    assert [(found["repositoryName"], found["imageTagMutability"]) for found in repositories] == [
        ("shop/api", "IMMUTABLE"),
        ("shop/worker", "IMMUTABLE"),
    ]


def test_a_program_without_pipelines_of_github_gets_no_provider() -> None:
    with EmbeddedAws.start() as aws:
        made = prerequisites(
            aws.clients, repository_names=("shop/api",), registry_region="ap-south-1", provider_url="", role_name=""
        )
    assert made == ("repository shop/api in ap-south-1",)


def test_role_stands_for_another_stack_and_trusts_nobody_in_particular(sandbox: Sandbox) -> None:
    make(sandbox)
    role = sandbox.client("iam").get_role(RoleName="shop-pipeline")["Role"]
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Principal"] == {
        "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    }
    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == "nobody"


def test_lookups_of_the_other_stack_find_them(sandbox: Sandbox) -> None:
    make(sandbox, "shop/api")
    repository = sandbox.invoke("aws:ecr/getRepository:getRepository", name="shop/api", region="ap-south-1")
    assert repository["arn"] == "arn:aws:ecr:ap-south-1:123456789012:repository/shop/api"
    assert sandbox.invoke("aws:iam/getRole:getRole", name="shop-pipeline")["name"] == "shop-pipeline"
