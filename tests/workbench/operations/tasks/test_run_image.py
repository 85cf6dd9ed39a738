"""An image that a command is run in without being deployed."""

from tests.workbench.operations.failing import refused
from tests.workbench.operations.seen import arn
from tests.workbench.operations.shop import DEPLOYABLE, Shop, called, images
from workbench.operations.tasks.run_image import plan_registration


def test_registration_has_the_image_and_what_a_deploy_would_take() -> None:
    found = plan_registration(DEPLOYABLE, "api", Shop().aws, tag="staging-c", digest=None)
    assert (found.source.arn, found.image, found.notes) == (arn(8), called("c"), ())
    assert [one["image"] for one in found.document["containerDefinitions"]] == [*images("c1").values()]
    assert refused(plan_registration, DEPLOYABLE, "api", Shop(built_for=frozenset()).aws, tag="staging-c", digest=None)
