"""The restart of a service's tasks, unchanged, e.g. after a change of a secret."""

from workbench.operations.deploys.checks import RolloutOptions, checked_plan
from workbench.operations.deploys.rollout_plan import RolloutPlan
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, read_situation


def plan_restart(deployable: Deployable, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
    """Plan to replace all tasks by new ones of the same revision.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    running = situation.running
    wanted = {container: running.images[container] for container in deployable.repositories}
    return checked_plan(deployable, situation, images, aws, options, wanted=wanted, source=running, is_reused=True)
