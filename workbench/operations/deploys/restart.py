"""Starting a service's tasks anew, as they are: with another value of a secret, or just because."""

from workbench.operations.deploys.checks import RolloutOptions, checked_plan
from workbench.operations.deploys.plan import RolloutPlan
from workbench.operations.deploys.service import Deployable, Images, RolloutAws, read_situation


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
