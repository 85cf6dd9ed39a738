from tests.components.forms import assert_form_makes_what_the_verb_makes
from zelly_components.deployment_grant import DeploymentGrant, DeploymentGrantArgs
from zelly_components.github_oidc import DeployGrantArgs, GithubOidc, GithubOidcArgs

DEPLOYS = DeployGrantArgs(
    region="eu-west-1",
    account_id="123456789012",
    cluster_arn="arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
    cluster_name="shop",
    service_names=["shop-api"],
    task_families=["shop-api"],
    pass_role_arns=["arn:aws:iam::123456789012:role/shop-api-task"],
    image_parameter_arns=["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/api/images"],
    log_group_names=["/shop/ecs/api"],
)


def role() -> GithubOidc:
    return GithubOidc("shop", GithubOidcArgs(create=False, role_name="shop-github", subjects=[]))


def test_it_makes_the_policy_of_the_verb() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: role().grant_deploy("deploy", DEPLOYS),
        lambda: DeploymentGrant(
            "shop-deploy",
            DeploymentGrantArgs(role_name=role().role_name, policy_name="deploy", deploys=DEPLOYS),
        ),
        number=1,
    )
