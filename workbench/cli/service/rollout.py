"""``service deploy | rollback | restart | promote | status``: the rollouts of the services."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from workbench.aws.ecr.repositories import Ecr
from workbench.aws.ecs.service_deployments import ServiceDeployments
from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.task_definitions import TaskDefinitions
from workbench.aws.ecs.tasks import EcsTasks
from workbench.aws.elastic_load_balancing import ElasticLoadBalancing
from workbench.aws.logs.events import Logs
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.ssm import Ssm
from workbench.cli.service.approvals import asked_for, caller
from workbench.cli.service.arguments import OptionalServiceArgument, ServiceArgument
from workbench.cli.service.reporting import answer, report_rollout
from workbench.cli.service.rollout_display import following
from workbench.cli.shared.acting import DryRunOption, YesOption, approved
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.approvals.use import using
from workbench.operations.deploys.checks import RolloutOptions
from workbench.operations.deploys.deploy import choices, plan_deploy
from workbench.operations.deploys.environment import deployed_service
from workbench.operations.deploys.execute import mark, roll_out
from workbench.operations.deploys.promote import PromotePlan, add_tags, plan_promote
from workbench.operations.deploys.restart import plan_restart
from workbench.operations.deploys.rollback import plan_rollback
from workbench.operations.deploys.rollout_plan import RolloutPlan, short
from workbench.operations.deploys.service import Deployable, RolloutAws
from workbench.operations.deploys.shifting.answer import Answer, plan_answer
from workbench.operations.deploys.shifting.stages import known_stage
from workbench.operations.deploys.waiting import awaited
from workbench.operations.status.screen import State
from workbench.operations.status.service import read_status
from workbench.operations.status.services import service_row
from workbench.operations.stopped import as_stopped, stopped_until

app = App()

TagOption = Annotated[str | None, typer.Option(metavar="TAG", help="The image's tag, e.g. prod-1a2b3c4d.")]
DigestOption = Annotated[str | None, typer.Option(metavar="DIGEST", help="The image's digest, sha256:…, instead.")]
ImageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--image",
        metavar="CONTAINER=TAG",
        help="Instead of --tag: a container and its image's tag or digest. Again for another one, e.g. "
        "--image app=prod-1a2b3c4d --image proxy=prod-5e6f7a8b.",
    ),
]
ContainerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--container",
        metavar="CONTAINER",
        help="Who gets the image; without it the application. Again for another one with the same tag.",
    ),
]
ForceOption = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Supersede a deployment that is under way. One that only goes back to what was healthy is waited for "
        "without it: until it is complete, ECS has nothing to roll back to.",
    ),
]
SkipSecretCheckOption = Annotated[
    bool,
    typer.Option(
        "--skip-secret-check",
        help="Do not check whether every secret key has a value: for credentials that may not read secrets, as CI's.",
    ),
]
NoRollbackOption = Annotated[
    bool, typer.Option("--no-rollback", help="Leave a crash loop as it is, to look at it, instead of going back.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="STAGE",
        help="Return as soon as a deployment that shifts traffic is at this lifecycle stage, e.g. BAKE_TIME; it goes "
        "on, and is not recorded yet.",
    ),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        min=0,
        metavar="SECONDS",
        help="How long the rollout is watched; without it as long as the containers' health checks, and the minutes "
        "of bake time, allow for.",
    ),
]


@app.command()
def deploy(
    service: ServiceArgument,
    tag: TagOption = None,
    digest: DigestOption = None,
    container: ContainerOption = None,
    image: ImageOption = None,
    force: ForceOption = False,
    skip_secret_check: SkipSecretCheckOption = False,
    no_rollback: NoRollbackOption = False,
    until: UntilOption = None,
    timeout: TimeoutOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Deploy an image: check it, register a revision from the newest template, and watch until all of it runs.

    Nothing is changed before every check has passed. After a rollout that failed, ECS's way back to what was healthy is
    waited for first. It exits with 1 when the rollout fails, is rolled back, is superseded by another one, or is not
    complete in time.

    A service that is deployed blue/green, as a canary or linearly is watched to the end of its bake time; the lifecycle
    stage and the shares of traffic are shown as they change, and at a pause who has to continue it, until when.
    """
    environment = open_environment(stack)
    aws, wanted = rollout_aws(environment), deployed(environment, service)
    stage = None if until is None else known_stage("--until", until)
    options = _options(supersede=force, skip_secret_check=skip_secret_check, timeout=timeout, until=stage)
    chosen = choices(wanted, containers=container or [], tag=tag, digest=digest, images=image or [])
    plan = plan_deploy(wanted, chosen, aws, options)
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        _roll_out(_awaited(plan, aws, options), aws, put_back=not no_rollback, json=json)


@app.command()
def rollback(
    service: ServiceArgument,
    to: Annotated[
        str | None,
        typer.Option(metavar="TAG|REVISION", help="A tag, or the number of a revision, used as it stands."),
    ] = None,
    skip_secret_check: SkipSecretCheckOption = False,
    timeout: TimeoutOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Go back to what was last deployed and healthy; again, and it goes back one deploy further.

    Images go into the newest template, so that changes of the infrastructure stay; a revision brings its own. It also
    aborts a rollout that is under way. One that shifts traffic, during its bake time too, is taken back by ECS, which
    still has the earlier tasks.
    """
    environment = open_environment(stack)
    aws, wanted = rollout_aws(environment), deployed(environment, service)
    stop = plan_answer(wanted, Answer.STOP, aws, timeout_seconds=timeout)
    if stop is not None:
        if to is not None:
            raise OperatorError(
                f"--to: came {to}; {wanted.name} is being deployed ({stop.shift.id}): allowed once that is over, "
                f"`{wanted.command('rollback')}` takes it back"
            )
        answer(stop, aws, dry_run=dry_run, yes=yes, json=json)
        return
    plan = plan_rollback(
        wanted,
        to=to,
        aws=aws,
        options=_options(supersede=True, skip_secret_check=skip_secret_check, timeout=timeout),
    )
    question = f"Roll {service} in {environment.stack} back?"
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        _roll_out(plan, aws, put_back=False, json=json)


@app.command()
def restart(
    service: ServiceArgument,
    force: ForceOption = False,
    skip_secret_check: SkipSecretCheckOption = False,
    timeout: TimeoutOption = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Replace every task by a new one, unchanged, and watch: so do new values of secrets reach a service.

    The earlier tasks stay until the new ones are healthy.
    """
    environment = open_environment(stack)
    aws = rollout_aws(environment)
    options = _options(supersede=force, skip_secret_check=skip_secret_check, timeout=timeout)
    plan = plan_restart(deployable(environment, service), aws, options)
    if approved(plan, dry_run=dry_run, json=json, yes=True):
        _roll_out(_awaited(plan, aws, options), aws, put_back=False, json=json)


def stacks_of_promotion(source: str | None, target: str | None) -> tuple[str, str]:
    """Return the stacks from which and to which an image goes.

    Raises:
        OperatorError: when one was not named, and the program does not say which one is meant; or both are the same.
    """
    usual = current_program().promotion or (None, None)
    found = (source or usual[0], target or usual[1])
    if found[0] is None or found[1] is None:
        raise OperatorError(f"{'--from' if found[0] is None else '--to'}: missing; a stack is required")
    if found[0] == found[1]:
        raise OperatorError(f"--from, --to: came {found[0]} twice; allowed: two stacks")
    return found[0], found[1]


@app.command()
def promote(
    service: ServiceArgument,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="STACK", help="Where the image runs; else as the program says."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--to", metavar="STACK", help="Where it is to run; else as the program says.")
    ] = None,
    container: ContainerOption = None,
    commit: Annotated[
        str | None,
        typer.Option("--commit", metavar="SHA", help="The commit that was approved; else whichever was."),
    ] = None,
    force: ForceOption = False,
    skip_secret_check: SkipSecretCheckOption = False,
    no_rollback: NoRollbackOption = False,
    timeout: TimeoutOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Deploy in one stack, by digest, what runs in another: tagged anew, not built anew.

    It refuses when the other is not healthy on it, or when the stack takes only what was approved and it was not.
    """
    source, target = stacks_of_promotion(source, target)
    origin, destination = open_environment(source), open_environment(target)
    aws = rollout_aws(destination)
    options = _options(supersede=force, skip_secret_check=skip_secret_check, timeout=timeout)
    plan = plan_promote(
        deployed(origin, service),
        deployed(destination, service),
        container or [],
        source_aws=rollout_aws(origin),
        source_balancers=ElasticLoadBalancing(origin.aws),
        target_aws=aws,
        options=options,
        approvals=asked_for(destination, service, source=source),
        commit=commit,
    )
    question = f"Promote {service} from {source} to {target}?"
    if approved(plan, dry_run=dry_run, json=json, yes=yes, question=question):
        plan = replace(plan, rollout=_awaited(plan.rollout, aws, options))
        with _using(plan, destination, aws):
            # First of all: by its other tags an old image may be the next one that the registry lets go.
            with following(plan.rollout.deployable.name) as audience:
                mark(plan.rollout, aws, audience)
            add_tags(plan, aws.ecr)
            _roll_out(plan.rollout, aws, put_back=not no_rollback, json=json, document=plan.document())


def _using(plan: PromotePlan, environment: Environment, aws: RolloutAws) -> AbstractContextManager[None]:
    """Claim the approval that a promotion needs, if it needs one."""
    if plan.use is None:
        return nullcontext()
    return using(plan.use, by=caller(environment), seconds=plan.seconds, began=lambda: plan.began(aws))


@app.command()
def status(
    service: OptionalServiceArgument = None,
    stack: StackOption = None,
    json: JsonOption = False,
) -> None:
    """Show what runs: images, tasks, rollouts, targets, the last deploys and events; of all services without one.

    It exits with 1 when one of them is broken, as `PROGRAM status` judges it.
    """
    environment = open_environment(stack)
    aws, balancers = rollout_aws(environment), ElasticLoadBalancing(environment.aws)
    names = environment.program.service_names if service is None else (service,)
    services = [deployable(environment, name) for name in names]
    found = [read_status(service, aws, balancers) for service in services]
    if json:
        print_json({"stack": environment.stack, "services": [status.document() for status in found]})
    else:
        typer.echo("\n\n".join("\n".join(status.lines()) for status in found))
    until = stopped_until(environment.description.running_hours, datetime.now(UTC))
    rows = [as_stopped(service_row(status, one), until) for status, one in zip(found, services, strict=True)]
    if any(row.state is State.BROKEN for row in rows):
        raise typer.Exit(1)


def deployable(environment: Environment, service: str) -> Deployable:
    """Return a service as deploys see it."""
    return deployed_service(environment.program, environment.description, service)


def rollout_aws(environment: Environment) -> RolloutAws:
    """Return the AWS wrappers for rollouts in an environment."""
    connection, cluster = environment.aws, environment.names.prefix
    return RolloutAws(
        ecs=Ecs(connection, cluster),
        service_deployments=ServiceDeployments(connection, cluster),
        tasks=EcsTasks(connection, cluster),
        task_definitions=TaskDefinitions(connection),
        ssm=Ssm(connection),
        ecr=Ecr(environment.registry),
        secrets=SecretsManager(connection),
        logs=Logs(connection),
    )


def deployed(environment: Environment, service: str) -> Deployable:
    """Return a service that has an image of its own.

    Raises:
        OperatorError: for one that has only third parties' images.
    """
    found = deployable(environment, service)
    if not found.repositories:
        raise OperatorError(
            f"service: {service} has no image of the platform's own; its images stand in "
            f"Pulumi.{environment.stack}.yaml, and `pulumi up` rolls them out"
        )
    return found


def _options(
    *, supersede: bool, skip_secret_check: bool, timeout: float | None, until: str | None = None
) -> RolloutOptions:
    return RolloutOptions(
        supersede=supersede, skip_secret_check=skip_secret_check, timeout_seconds=timeout, until=until
    )


def _awaited(plan: RolloutPlan, aws: RolloutAws, options: RolloutOptions) -> RolloutPlan:
    """Wait for the deployment that a plan waits for, and return the plan anew."""
    if plan.waits_for is None:
        return plan
    with following(plan.deployable.name) as audience:
        return awaited(plan, aws, options, audience=audience)


def _roll_out(
    plan: RolloutPlan, aws: RolloutAws, *, put_back: bool, json: bool, document: Mapping[str, Any] | None = None
) -> None:
    """Carry a rollout out and report it, with the document of the plan that it is a part of, if it is of one."""
    with following(plan.deployable.name) as audience:
        done = roll_out(plan, aws, audience=audience, put_back=put_back)
    images = ", ".join(f"{change.container} {change.after}" for change in plan.changes) or "its images"
    line = f"{plan.deployable.name} runs {images} in {short(done.task_definition_arn)}, after {done.seconds:.0f} s."
    report_rollout(plan.deployable, document or plan.document(), done, line, json=json)
