"""The lifecycle stages of a deployment that shifts traffic, and where one is, in words."""

from workbench.aws.ecs.service_deployments import Pause, ServiceDeployment, Strategy
from workbench.errors import OperatorError
from workbench.operations.deploys.service import Deployable
from workbench.operations.times import utc

STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
"""In their order (ECS API reference, "ServiceDeployment" and "DeploymentLifecycleHook")."""

_BEFORE_TRAFFIC = frozenset(STAGES[: STAGES.index("POST_SCALE_UP")])

_STATUS_WORDS = {
    "PENDING": "pending, ",
    "STOP_REQUESTED": "about to be stopped, ",
    "ROLLBACK_REQUESTED": "about to be rolled back, ",
    "ROLLBACK_IN_PROGRESS": "rolling back, ",
}

_WORDS = {"BLUE_GREEN": "blue/green", "CANARY": "as a canary", "LINEAR": "linearly"}


def known_stage(option: str, stage: str) -> str:
    """Return a stage that was named.

    Raises:
        OperatorError: when there is none of that name.
    """
    name = stage.upper()
    if name not in STAGES:
        raise OperatorError(f"{option}: came {stage}; allowed: {', '.join(STAGES)}")
    return name


def has_reached(deployment: ServiceDeployment, stage: str) -> bool:
    """Tell whether a deployment that is under way is at a stage or behind it."""
    at = deployment.stage
    return at in STAGES and not deployment.is_returning and STAGES.index(at) >= STAGES.index(stage)


def has_healthy_tasks(deployment: ServiceDeployment) -> bool:
    """Tell whether a deployment came so far that all of its tasks were healthy."""
    return deployment.stage is not None and deployment.stage not in _BEFORE_TRAFFIC


def how(strategy: Strategy) -> str:
    """Return how a service is deployed, in words."""
    minutes = (
        f", {strategy.step_minutes:g} minutes until all of the traffic is shifted" if strategy.step_minutes else ""
    )
    bake = f", {strategy.bake_minutes} minutes of bake time" if strategy.bake_minutes else ""
    return f"{_WORDS.get(strategy.name, strategy.name)}{minutes}{bake}"


def where(deployment: ServiceDeployment) -> str:
    """Return the stage of a deployment and what its traffic is, in words."""
    stage = deployment.stage or "before its first stage"
    if not deployment.is_under_way:
        return f"{deployment.status}{_traffic(deployment)}"
    return f"{_STATUS_WORDS.get(deployment.status, '')}{stage}{_traffic(deployment)}"


def pause_line(deployable: Deployable, deployment: ServiceDeployment, pause: Pause) -> str:
    """Return who has to continue a deployment at a pause, and until when."""
    return (
        f"{deployable.name} waits at {deployment.stage} for somebody to continue it, {waits(pause)}: "
        f"`{deployable.command('continue')}` goes on, `{deployable.command('continue', '--rollback')}` goes back"
    )


def shift_goes_on(deployable: Deployable, task_definition_arn: str, deployment_arn: str) -> list[str]:
    """Return lines about a deployment that goes on without the command that watched it."""
    ours, id_ = task_definition_arn.rpartition("/")[2], deployment_arn.rpartition("/")[2]
    return [
        f"{ours} ({id_}) goes on without this command; ECS rolls it back when one of its alarms rings.",
        f"Follow it with `{deployable.command('status')}`, take it back with `{deployable.command('rollback')}`.",
        "Once it is complete, the next deploy, rollback or promote records its images; until then `pulumi up` would "
        "put the earlier ones into the template.",
    ]


def waits(pause: Pause) -> str:
    """Return until when a pause waits, and what happens then."""
    then = "it goes on by itself" if pause.timeout_action == "CONTINUE" else "it is rolled back"
    return "without a limit" if pause.expires_at is None else f"until {utc(pause.expires_at)}, then {then}"


def _traffic(deployment: ServiceDeployment) -> str:
    production, test = deployment.target.production_weight, deployment.target.test_weight
    if production is None:
        return ""
    earlier = f", {_rest(deployment, production):g} % earlier" if deployment.sources else ""
    said = f"; production {production:g} % new{earlier}"
    return said if not test else f"{said}; test {test:g} % new"


def _rest(deployment: ServiceDeployment, production: float) -> float:
    told = [source.production_weight for source in deployment.sources if source.production_weight is not None]
    return sum(told) if told else 100 - production
