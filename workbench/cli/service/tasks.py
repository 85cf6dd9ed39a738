"""``service run | logs | events | exec``: the tasks of the services."""

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.aws.account.identity import Sts
from workbench.aws.ecs.services import Ecs
from workbench.aws.ecs.tasks import EcsTasks, Task
from workbench.aws.logs.events import LogLine, Logs, stream_name
from workbench.aws.shared.errors import AwsError
from workbench.cli.service.arguments import ServiceArgument
from workbench.cli.service.containers import ContainerOption, chosen_container, containers_of
from workbench.cli.service.rollout import deployed, rollout_aws
from workbench.cli.shared.acting import DryRunOption, approved, report
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, print_json_line, talk
from workbench.cli.shared.durations import parse_duration
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.following import FollowOption, JsonLinesOption, show_lines
from workbench.cli.shared.program import current_program
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperationFailedError, OperationInterruptedError
from workbench.operations import clock as clocks
from workbench.operations.tasks.execute_command import choose_target, command_line, converse, find_plugin
from workbench.operations.tasks.follow import Stopped, Watcher, watch
from workbench.operations.tasks.history import Happening, HistoryReader
from workbench.operations.tasks.log_lines import LogReader, LogSelection
from workbench.operations.tasks.run_command import RunPlan, lasted_seconds, outcome, plan_run, start
from workbench.operations.tasks.run_image import plan_registration
from workbench.operations.times import utc

if TYPE_CHECKING:
    from workbench.operations.deploys.service import RolloutAws

app = App()


@app.command()
def run(
    service: ServiceArgument,
    command: Annotated[list[str], typer.Argument(metavar="COMMAND", help="The program and its arguments, after --.")],
    tag: Annotated[
        str | None, typer.Option(metavar="TAG", help="Run with this image, which the service itself is not given.")
    ] = None,
    digest: Annotated[str | None, typer.Option(metavar="DIGEST", help="The image's digest, sha256:…, instead.")] = None,
    container: ContainerOption = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return as soon as the task has been asked for.")] = False,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Stop watching after so long, e.g. 30m; the task goes on.")
    ] = None,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Run a command in a task of its own, with the image, roles, secrets and network that the service runs with.

    With --tag or --digest it runs with an image that is not deployed yet, for a migration that has to come first: in a
    copy of the newest task definition, which is deregistered once the task has been started.

    Its lines go to stdout (with --json to stderr) and its exit code is this command's. Ctrl-C and --timeout leave the
    task running: a migration is not ended by accident. The task's other containers start beside it.

    The words of the command stand in the task's description and in CloudTrail, for everybody who may look there: never
    put a secret into them.
    """
    limit = None if timeout is None else parse_duration("--timeout", timeout)
    chosen = chosen_container(service, container)
    environment = open_environment(stack)
    aws = rollout_aws(environment)
    plan = _run_plan(environment, aws, service, chosen, tuple(command), tag=tag, digest=digest)
    if not approved(plan, dry_run=dry_run, json=json, yes=True):
        return
    tasks = aws.tasks
    task = start(plan, tasks=tasks, definitions=aws.task_definitions, say=talk)
    hints = plan.hints(task, environment.stack, service)
    if detach:
        report({"stack": environment.stack, "task": task.id, **plan.document()}, json=json, lines=[task.id])
        talk(*hints)
        return
    stopped = _watch(environment, service, plan, task, tasks, limit, json=json, hints=hints)
    _tell_end(environment, plan, stopped, json=json)


def _run_plan(
    environment: Environment,
    aws: "RolloutAws",
    service: str,
    container: str,
    command: tuple[str, ...],
    *,
    tag: str | None,
    digest: str | None,
) -> RunPlan:
    registration = None
    if tag is not None or digest is not None:
        registration = plan_registration(deployed(environment, service), container, aws, tag=tag, digest=digest)
    return plan_run(
        environment.names.name(service),
        container=container,
        command=command,
        region=environment.config.region,
        cluster=environment.names.prefix,
        tasks=aws.tasks,
        definitions=aws.task_definitions,
        sts=Sts(environment.aws),
        registration=registration,
    )


def _watch(
    environment: Environment,
    service: str,
    plan: RunPlan,
    task: Task,
    tasks: EcsTasks,
    limit: timedelta | None,
    *,
    json: bool,
    hints: list[str],
) -> Stopped:
    selection = LogSelection(
        group=current_program().service(service).log_group, stream_prefixes=(stream_name(plan.container, task.id),)
    )
    watcher = Watcher(
        tasks=tasks,
        # The stream is this task's alone: everything in it counts.
        reader=LogReader(Logs(environment.aws), selection, since=datetime.fromtimestamp(0, UTC)),
        clock=clocks.CLOCK,
        show=lambda line: typer.echo(line.message, err=json),
        say=talk,
        essential=plan.essential,
    )
    talk(f"task {task.id}: {task.status}")
    try:
        return watch(task, plan.container, watcher, timeout_seconds=None if limit is None else limit.total_seconds())
    except KeyboardInterrupt:
        raise OperationInterruptedError(*hints) from None
    except (AwsError, OperationFailedError) as error:
        raise OperationFailedError(*error.lines, *hints) from None


def _tell_end(environment: Environment, plan: RunPlan, stopped: Stopped, *, json: bool) -> None:
    ended = outcome(stopped.task, plan.container, cut_short_by=stopped.cut_short_by)
    seconds = lasted_seconds(ended.task)
    talk(f"task {ended.task.id}: exit code {ended.exit_code}" + ("" if seconds is None else f" after {seconds} s"))
    if json:
        result = {
            "stack": environment.stack,
            "task": ended.task.id,
            "exit_code": ended.exit_code,
            "stopped_reason": ended.task.stopped_reason,
            "seconds": seconds,
        }
        report({**plan.document(), **result}, json=True, lines=[])
    raise typer.Exit(ended.exit_code)


@app.command()
def logs(
    service: ServiceArgument,
    since: Annotated[str, typer.Option(metavar="DURATION", help="How far back, e.g. 90s, 15m, 2h, 1d.")] = "15m",
    follow: FollowOption = False,
    container: ContainerOption = None,
    pattern: Annotated[
        str,
        typer.Option("--filter", metavar="PATTERN", help="A filter pattern of CloudWatch Logs, e.g. '?ERROR ?WARN'."),
    ] = "",
    task: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this task's lines; the beginning of its id is enough.")
    ] = None,
    stack: StackOption = None,
    json: JsonLinesOption = False,
) -> None:
    """Print what a service's containers logged, the newest last."""
    begin = datetime.now(UTC) - parse_duration("--since", since)
    if container is not None:
        chosen_container(service, container)
    environment = open_environment(stack)
    selection = LogSelection(
        group=current_program().service(service).log_group,
        stream_prefixes=_stream_prefixes(service, container, task),
        pattern=pattern,
    )
    reader = LogReader(Logs(environment.aws), selection, since=begin)
    if not show_lines(reader.new_lines, _show_json if json else _show_line, follow=follow):
        talk(f"No such line of {service} since {utc(begin)}.")


def _stream_prefixes(service: str, container: str | None, task: str | None) -> tuple[str, ...]:
    if container is None and task is None:
        return ("",)
    containers = containers_of(service) if container is None else (container,)
    return tuple(f"{name}/" if task is None else f"{name}/{name}/{task}" for name in containers)


@app.command()
def events(
    service: ServiceArgument, follow: FollowOption = False, stack: StackOption = None, json: JsonLinesOption = False
) -> None:
    """Print what happened to a service, the newest last: its own events, and which tasks stopped and why.

    ECS keeps the last hundred events, and stopped tasks for about an hour.
    """
    environment = open_environment(stack)
    cluster = environment.names.prefix
    reader = HistoryReader(
        environment.names.name(service), ecs=Ecs(environment.aws, cluster), tasks=EcsTasks(environment.aws, cluster)
    )

    def show(happening: Happening) -> None:
        if json:
            print_json_line(happening.document())
        else:
            typer.echo(f"{utc(happening.time)} {happening.message}")

    if not show_lines(reader.new, show, follow=follow):
        talk(f"Nothing happened to {service} that ECS still knows.")


@app.command("exec")
def execute(
    service: ServiceArgument,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="The program and its arguments, after --; without, /bin/sh."),
    ] = None,
    container: ContainerOption = None,
    task: Annotated[
        str | None, typer.Option(metavar="ID", help="The task; the beginning of its id is enough. Else the newest one.")
    ] = None,
    stack: StackOption = None,
) -> None:
    """Open a shell, or run a command, in a running container (ECS Exec).

    Needs AWS's Session Manager plugin, later than 1.2.497.0. ECS Exec does not tell how the command ended: the exit
    code is the plugin's. The words of the command stand in CloudTrail: never put a secret into them.
    """
    chosen = chosen_container(service, container)
    plugin = find_plugin()
    environment = open_environment(stack)
    cluster = environment.names.prefix
    tasks = EcsTasks(environment.aws, cluster)
    target = choose_target(
        environment.names.name(service), cluster=cluster, container=chosen, task_id=task, tasks=tasks
    )
    talk(f"task {target.task.id} ({target.task.revision}), container {target.container}")
    session = tasks.execute(target.task, chosen, command_line(command or ["/bin/sh"]))
    raise typer.Exit(
        converse(
            plugin,
            session,
            target,
            region=environment.config.region,
            profile=os.environ.get("AWS_PROFILE", ""),
            endpoint_url=environment.aws.client("ssm").meta.endpoint_url,
        )
    )


def _show_line(line: LogLine) -> None:
    container, _, task = line.stream.rpartition("/")
    name = container.rpartition("/")[2]
    typer.echo(f"{utc(line.time)} {name} {task[:8]} {line.message}")


def _show_json(line: LogLine) -> None:
    container, _, task = line.stream.rpartition("/")
    print_json_line(
        {
            "time": line.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "container": container.rpartition("/")[2],
            "task": task,
            "message": line.message,
        }
    )
