"""``docs/runbooks.md``: what each alarm means, what to do first, and the commands for it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.cli.main import all_commands
from workbench.documentation.evaluations import STACKS, evaluated
from workbench.documentation.permissions import whose
from workbench.words import command, named, word

_INTRODUCTION = """\
# Runbooks

<!-- written by make docs from the alarms that the program makes -->

Each alarm's mail or message says the same as its entry here: what happened, and what to do first. The commands below it
help; their reference tells the rest. `PROGRAM doctor` and `PROGRAM status` show what is broken, alarm or not.
"""

_ALARMS = {"aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"}
_FIRST = " First: "
_PLACE = re.compile(r"^.*?-ENV-(monitoring-|uptime-)?")
"""What the logical names of all alarms begin with: the program, the environment, the component."""

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "5xx": ("status", "service status", "service logs", "service rollback", "logs", "rollback"),
    "backup": ("status", "search status"),
    "backup-failed": ("status", "doctor"),
    "capacity": ("status", "cost", "restore aurora"),
    "connections": ("status", "logs"),
    "cpu": ("service status", "service scale", "status"),
    "data-disk": ("status", "doctor"),
    "down": ("status", "doctor"),
    "evictions": ("status", "restore redis"),
    "failed-tasks": ("status", "search status"),
    "failed-units": ("status", "doctor", "logs"),
    "health-alarm": ("status", "logs", "rollback"),
    "io-credits": ("status",),
    "latency": ("service status", "service logs", "service rollback", "service scale"),
    "memory": ("service status", "service scale", "status"),
    "no-backup": ("status", "doctor"),
    "no-restore-drill": ("status", "backup list", "backup drill"),
    "no-verified-backup": ("status", "backup list"),
    "outage": ("status", "service events", "service logs", "service rollback"),
    "ready-alarm": ("status", "logs", "rollback"),
    "rejected-connections": ("status", "logs"),
    "redis-persistence": ("status",),
    "restore-drill-failed": ("status", "backup list", "backup drill"),
    "root-disk": ("status", "doctor"),
    "running-tasks": ("service events", "service status", "service logs", "service rollback"),
    "send-rate": ("service status", "service logs", "service rollback"),
    "storage": ("status", "backup list"),
    "storage-forecast": ("status",),
    "too-old": ("agents list",),
    "transaction-ids": ("status",),
    "unhealthy-targets": ("service status", "service logs", "service events", "status"),
    "vault-jobs": ("status", "doctor"),
}
"""The commands that help, by how the alarm's name ends. A program's command line has some of them."""


@dataclass(frozen=True, kw_only=True)
class _Told:
    """An alarm in one stack."""

    stack: str
    name: str
    """With ``ENV`` for the stack's own."""
    meaning: str
    first: str


def page() -> str:
    """Return the page.

    Raises:
        ValueError: naming an alarm that no command is listed for.
    """
    alarms = [told for stack in STACKS for told in _alarms(stack)]
    by_step: dict[str, list[_Told]] = {}
    for told in sorted(alarms, key=lambda told: told.name):
        by_step.setdefault(told.first, []).append(told)
    entries = {_heading([told.name for told in those]): those for those in by_step.values()}
    known = _known_commands()
    return "\n".join(
        [named(_INTRODUCTION), *(line for each in sorted(entries) for line in _entry(each, entries[each], known))]
    )


def _alarms(stack: str) -> Iterator[_Told]:
    for resource in evaluated(stack).custom():
        description = str(resource.inputs.get("alarmDescription", ""))
        if resource.type in _ALARMS:
            meaning, _, first = description.partition(_FIRST)
            yield _Told(stack=stack, name=resource.name.replace(stack, "ENV", 1), meaning=meaning, first=first)


def _heading(names: Sequence[str]) -> str:
    """Return what the alarms watch, and the parts that they watch it of."""
    endings = {_ending(name) for name in names}
    parts = dict.fromkeys(_PLACE.sub("", name.removesuffix(f"-{_ending(name)}")) for name in names)
    watched = ", ".join(sorted(endings)).replace("-", " ")
    return f"{watched[:1].upper()}{watched[1:]}: {', '.join(parts)}"


def _entry(heading: str, those: Sequence[_Told], known: Mapping[str, str]) -> Iterator[str]:
    yield f"## {heading}\n"
    yield "| alarm | means | stacks |\n|---|---|---|"
    for name in dict.fromkeys(told.name for told in those):
        same = [told for told in those if told.name == name]
        # Thresholds differ between stacks: each wording has its line.
        for meaning in dict.fromkeys(told.meaning for told in same):
            stacks = [told.stack for told in same if told.meaning == meaning]
            yield f"| `{name}` | {meaning} | {whose(stacks, STACKS)} |"
    step = those[0].first
    yield f"\n**First:** {step[:1].lower()}{step[1:]}\n" if step else ""
    helpful = [known[words] for words in COMMANDS[_ending(those[0].name)] if words in known]
    yield f"{' · '.join(helpful)}\n" if helpful else ""


def _ending(name: str) -> str:
    endings = [ending for ending in COMMANDS if name.endswith(f"-{ending}")]
    if not endings:
        raise ValueError(f"runbooks: no command is listed for alarms that end as {name} does")
    return max(endings, key=len)


def _known_commands() -> Mapping[str, str]:
    """Return a link into the reference for each command that can be typed, by its words."""
    found: dict[str, str] = {}

    def walk(group: object, words: tuple[str, ...]) -> None:
        for name, each in getattr(group, "commands", {}).items():
            found[" ".join((*words, name))] = _link(*words, name)
            walk(each, (*words, name))

    walk(all_commands(), ())
    return found


def _link(*words: str) -> str:
    anchor = "-".join(re.sub(r"[^a-z-]", "", each) for each in (word(), *words))
    return f"[`{command(*words)}`](reference/cli.md#{anchor})"
