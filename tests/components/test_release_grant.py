from typing import Literal

import pytest

from tests.components.forms import assert_form_makes_what_the_verb_makes
from zelly_components.release_bucket import ReleaseBucket, ReleaseBucketArgs
from zelly_components.release_grant import ReleaseGrant, ReleaseGrantArgs


def bucket() -> ReleaseBucket:
    args = ReleaseBucketArgs(bucket_name="shop-releases-1", force_destroy=True, replaced_version_days=30)
    return ReleaseBucket("shop", args)


@pytest.mark.parametrize("access", ["push", "read"])
def test_it_makes_the_policy_of_the_verb(access: Literal["push", "read"]) -> None:
    def verb() -> None:
        made = bucket()
        (made.grant_push if access == "push" else made.grant_read)("releases", "shop-pipeline")

    assert_form_makes_what_the_verb_makes(
        verb,
        lambda: ReleaseGrant(
            "shop-releases",
            ReleaseGrantArgs(
                role_name="shop-pipeline", policy_name="releases", bucket_arn=bucket().bucket_arn, access=access
            ),
        ),
        number=8,
    )
