"""Tags that mark images as deployed: which of them lack, and one that somebody else put meanwhile."""

import pytest

from tests.workbench.operations.failing import failure
from tests.workbench.operations.shop import DEPLOYABLE, Shop, images
from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.deploys.service import Images
from workbench.operations.images.deployed_tags import missing_marks, put_mark


def test_marks_are_what_lacks_the_tag_once_each() -> None:
    shop = Shop()
    found = missing_marks(
        DEPLOYABLE, Images(DEPLOYABLE, shop.aws.ecr), [images("a1"), images("c2"), {**images("c9"), "other": "x"}]
    )
    assert [(mark.container, mark.tag) for mark in found] == [
        ("api", f"deployed-staging-{'c' * 12}"),
        ("proxy", f"deployed-staging-{'2' * 12}"),
    ]


@pytest.mark.parametrize(("code", "raises"), [("ImageAlreadyExistsException", False), ("Other", True)])
def test_mark_that_somebody_else_put_meanwhile_is_put(code: str, raises: bool) -> None:
    shop = Shop(tagging=failure("ecr:PutImage", Reason.REFUSED, code))
    (mark,) = missing_marks(DEPLOYABLE, Images(DEPLOYABLE, shop.aws.ecr), [{"api": images("c1")["api"]}])
    if raises:
        with pytest.raises(AwsError):
            put_mark(mark, shop.aws.ecr)
    else:
        put_mark(mark, shop.aws.ecr)
