import pytest

from tests.components.forms import assert_form_makes_what_the_verb_makes, made
from zelly_components.github_oidc import GithubOidc, GithubOidcArgs
from zelly_components.identity.iam import Statement
from zelly_components.role_grant import RoleGrant, RoleGrantArgs

READ = Statement(sid="Read", actions=["s3:GetObject"], resources=["arn:aws:s3:::shop/*"])


def role() -> GithubOidc:
    return GithubOidc("shop", GithubOidcArgs(create=False, role_name="shop-github", subjects=[]))


def test_it_makes_the_policy_of_the_verb() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: role().grant("read", [READ]),
        lambda: RoleGrant(
            "shop-read", RoleGrantArgs(role_name=role().role_name, policy_name="read", statements=[READ])
        ),
        number=1,
    )


def test_a_grant_of_nothing_is_refused() -> None:
    args = RoleGrantArgs(role_name="shop-github", policy_name="read", statements=[])
    with pytest.raises(ValueError, match="statements: came none; allowed one or more"):
        made(lambda: RoleGrant("shop-read", args))
