"""Starting a service's tasks anew, as they are: with another value of a secret, or just because."""

from zelly_infra.operations.deployable import Deployable, Images, RolloutAws, read_situation
from zelly_infra.operations.rollout_checks import RolloutOptions, checked_plan
from zelly_infra.operations.rollout_plan import RolloutPlan


def plan_restart(deployable: Deployable, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
    """Plan to replace every task by a new one of the revision that runs.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    running = situation.running
    wanted = {container: running.images[container] for container in deployable.repositories}
    return checked_plan(deployable, situation, images, aws, options, wanted=wanted, source=running, is_reused=True)
