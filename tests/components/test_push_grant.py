from tests.components.forms import assert_form_makes_what_the_verb_makes
from zelly_components.container_registry import ContainerRegistry, ContainerRegistryArgs
from zelly_components.push_grant import PushGrant, PushGrantArgs


def registry() -> ContainerRegistry:
    return ContainerRegistry(
        "shop",
        ContainerRegistryArgs(
            region="eu-west-1",
            repository_names=["shop/api", "shop/worker"],
            create=True,
            images_kept={"prod-": 30},
            untagged_retention_days=7,
        ),
    )


def test_it_makes_the_policy_of_the_verb() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: registry().grant_push("push", "shop-pipeline"),
        lambda: PushGrant(
            "shop-push",
            PushGrantArgs(
                role_name="shop-pipeline",
                policy_name="push",
                region="eu-west-1",
                repository_arns=list(registry().repository_arns.values()),
            ),
        ),
        number=5,
    )
