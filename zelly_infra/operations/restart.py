"""Starting a service's tasks anew, as they are: with another value of a secret, or just because."""

from zelly_infra.operations.deployable import Deployable, Images, RolloutAws, read_situation
from zelly_infra.operations.rollout_checks import RolloutOptions, check
from zelly_infra.operations.rollout_plan import RolloutPlan, make_plan


def plan_restart(deployable: Deployable, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
    """Plan to replace every task by a new one of the revision that runs.

    Raises:
        OperatorError: with every reason why it cannot be done.
    """
    situation = read_situation(deployable, aws)
    images = Images(deployable, aws.ecr)
    running = situation.running
    wanted = {container: running.images[container] for container in deployable.repositories}
    findings = check(deployable, situation, images, aws, options, wanted=wanted, registered=running.document)
    findings.raise_problems(deployable)
    return make_plan(
        deployable,
        situation,
        images,
        wanted=wanted,
        source=running,
        is_reused=True,
        notes=findings.notes,
        timeout_seconds=options.timeout_seconds,
    )
