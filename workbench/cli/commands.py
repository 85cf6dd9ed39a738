"""The table of all commands: nouns and verbs, each with its module and its line in lists.

``PROGRAM`` stands for the word that is typed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from workbench.cli.dev.commands import DEV
from workbench.cli.promotions import APPROVAL, NOTIFY
from workbench.cli.unit_commands import UNITS
from workbench.operations.stores.entry import KindEntry
from workbench.operations.stores.kinds import ENTRIES
from workbench.program import Program
from workbench.words import Noun, Verb

_SERVICE = {
    "list": Verb(
        "workbench.cli.service.command",
        "List the services with the number of their tasks and the task definition that is wanted.",
    ),
    "scale": Verb(
        "workbench.cli.service.command",
        "Ask for another number of tasks, within the limits of the stack file; 0 stops the service.",
    ),
    "status": Verb(
        "workbench.cli.service.rollout",
        "Show what runs: images, tasks, rollouts, targets, the last deploys and events; of all services without one.",
    ),
    "deploy": Verb(
        "workbench.cli.service.rollout",
        "Deploy an image: check it, register a revision from the newest template, and watch until all of it runs.",
    ),
    "rollback": Verb(
        "workbench.cli.service.rollout",
        "Go back to what was last deployed and healthy; again, and it goes back one deploy further.",
    ),
    "continue": Verb(
        "workbench.cli.service.continuing",
        "Continue a deployment that waits at a pause, and watch it to its end; with --rollback take it back.",
    ),
    "promote": Verb(
        "workbench.cli.service.rollout",
        "Deploy in one stack, by digest, what runs in another: tagged anew, not built anew.",
    ),
    "restart": Verb(
        "workbench.cli.service.rollout",
        "Replace every task by a new one, unchanged, and watch: so do new values of secrets reach a service.",
    ),
    "run": Verb(
        "workbench.cli.service.tasks",
        "Run a command in a task of its own, with the image, roles, secrets and network that the service runs with.",
    ),
    "logs": Verb("workbench.cli.service.tasks", "Print what a service's containers logged, the newest last."),
    "events": Verb(
        "workbench.cli.service.tasks",
        "Print what happened to a service, the newest last: its own events, and which tasks stopped and why.",
    ),
    "exec": Verb("workbench.cli.service.tasks", "Open a shell, or run a command, in a running container (ECS Exec)."),
}

_SECRETS = {
    "list": Verb(
        "workbench.cli.secrets.stored", "List the secrets: whose the values are, which keys have one, who needs them."
    ),
    "check": Verb(
        "workbench.cli.secrets.stored",
        "Compare every key that a service is given with what is stored; exit 1 when one has no value.",
    ),
    "template": Verb(
        "workbench.cli.secrets.template",
        "Print the file that `push` takes: every key, empty, with who reads it. Nothing is read from AWS.",
    ),
    "set": Verb(
        "workbench.cli.secrets.changes",
        "Give one key a value: typed twice without being shown, or from standard input or a file.",
    ),
    "push": Verb(
        "workbench.cli.secrets.changes",
        "Give many keys the values of a file; keys that are not in it stay as they are.",
    ),
    "restore": Verb("workbench.cli.secrets.stored", "Keep a secret that is scheduled for deletion."),
}

_SANDBOX = {
    "up": Verb(
        "workbench.cli.sandbox.command",
        "Make every resource of a stack in an embedded AWS on this machine, and tell how to look around.",
    ),
    "env": Verb(
        "workbench.cli.sandbox.running",
        'Print what a shell needs to reach the embedded AWS that is running: `eval "$(PROGRAM sandbox env)"`.',
    ),
    "down": Verb("workbench.cli.sandbox.running", "End the embedded AWS that is running, with everything in it."),
    "status": Verb(
        "workbench.cli.sandbox.running",
        "Tell where an embedded AWS is running, and which stacks are up in it; exit 1 when none is running.",
    ),
    "image": Verb(
        "workbench.cli.sandbox.image",
        "Put an image into the embedded registry: nothing but word of how its containers behave.",
    ),
}


def _restore(kinds: Iterable[KindEntry]) -> Noun:
    """Return the commands that restore stores of some kinds."""
    listed = tuple(kinds)
    verbs = {
        "points": Verb(
            "workbench.cli.restore",
            "List what every store can be restored to; exit 1 when that is less than their schedules promise.",
        ),
        **{entry.verb: Verb("workbench.cli.restore", entry.summary) for entry in listed},
    }
    if any(entry.is_switched for entry in listed):
        verbs["switch"] = Verb(
            "workbench.cli.restore",
            "Let a copy take over: services are told of it when they start next. Nothing is deleted.",
        )
    return Noun(
        "Restore a store beside what is live, which is left alone; docs/recovery.md tells how to take a copy over.",
        verbs,
    )


COMMANDS: Mapping[str, Noun | Verb] = {
    "plan": Verb(
        "workbench.cli.plan.command",
        "Show what the program makes for a stack, or what it changes, without making anything.",
    ),
    "review": Verb(
        "workbench.cli.review",
        "Review a change: write a pull request's comment, and of each stack a page, a picture and the cost.",
    ),
    "diagram": Verb(
        "workbench.cli.diagram",
        "Draw a stack's architecture: zones, subnets, what stands in them, and who may talk to whom on which ports.",
    ),
    "status": Verb(
        "workbench.cli.status",
        "Show how everything stands: services, balancers, stores, hosts, certificates, alarms.",
    ),
    "doctor": Verb(
        "workbench.cli.doctor",
        "Check an environment: which steps of setting it up are done, and whether what has to stay true is true.",
    ),
    "alerts": Noun(
        "See who hears of a stack's alarms, and try whether it reaches them.",
        {
            "list": Verb(
                "workbench.cli.alerts",
                "List the topics that alarms tell, and who hears of each; exit 1 when nobody hears of one.",
            ),
            "test": Verb(
                "workbench.cli.alerts",
                "Send a test message on the way that an alarm takes, and say who gets it; exit 1 when somebody misses "
                "it.",
            ),
        },
    ),
    "drift": Verb(
        "workbench.cli.drift",
        "Show in what AWS and the program differ, and what `pulumi up` would do about it, without changing anything.",
    ),
    "adopt": Noun(
        "Take over a live Terraform estate: `PROGRAM adopt TFSTATE STACK` is `PROGRAM adopt estate TFSTATE STACK`.",
        {
            "estate": Verb(
                "workbench.cli.adopt.command",
                "Show what of a Terraform estate is what of the program, and what the first `pulumi up` would do.",
            ),
            "defaults": Verb(
                "workbench.cli.adopt.carry_out",
                "Note in an exported state which names are Pulumi's own, so that it keeps them.",
            ),
            "rest": Verb(
                "workbench.cli.adopt.carry_out",
                "Write the import file of what is not imported yet, for an import that stopped half-way.",
            ),
            "verify": Verb(
                "workbench.cli.adopt.carry_out",
                "Hold the Pulumi state against an adoption, before and after the first `pulumi up`.",
            ),
        },
        default="estate",
    ),
    "cost": Noun(
        "Estimate what a stack costs a month: `PROGRAM cost STACK` is `PROGRAM cost estimate STACK`.",
        {
            "refresh": Verb(
                "workbench.cli.cost.refresh",
                "Read the prices from the AWS Price List API and write them into the table in the repository.",
            ),
            "estimate": Verb(
                "workbench.cli.cost.command",
                "Estimate what a stack costs a month, without an account or a network.",
            ),
        },
        default="estimate",
    ),
    "service": Noun("Look at the services, deploy them and roll them back.", _SERVICE),
    "approval": Noun("Ask for, give and refuse approvals of promotions.", APPROVAL),
    "notify": Noun("Tell others of a pipeline's builds. A build never fails of it.", NOTIFY),
    "image": Noun(
        "Build and push the services' images, and look at them.",
        {
            "push": Verb(
                "workbench.cli.image",
                "Build a service's image for the stack's architecture and push it, tagged by its commit, e.g. "
                "prod-1a2b3c4d.",
            ),
            "list": Verb(
                "workbench.cli.image",
                "List the images of a service, the newest first, and which one is deployed in the stack.",
            ),
            "keep": Verb(
                "workbench.cli.image",
                "Tag what runs, and what a rollback would go to, as deployed: the registry keeps such images longest.",
            ),
        },
    ),
    "secrets": Noun("Fill and check the secrets of the services. No value is ever shown.", _SECRETS),
    "state": Noun(
        "Make the place for Pulumi's state, and look after its locks.",
        {
            "bootstrap": Verb(
                "workbench.cli.state",
                "Make bucket and KMS key for the state of every stack, and the service-linked roles that the services "
                "need.",
            ),
            "locks": Verb("workbench.cli.state", "List who holds which stack, and since when."),
            "unlock": Verb(
                "workbench.cli.state",
                "Release the locks that dead commands of your own, on this machine, left behind; show the others.",
            ),
        },
    ),
    "restore": _restore(ENTRIES),
    "sandbox": Noun("An AWS that lives on this machine: bring stacks up in it and look around.", _SANDBOX),
}

_AGENTS = Noun(
    "Look at the build agents, and end those that no build can be on.",
    {
        "list": Verb(
            "workbench.cli.agents",
            "List the build agents, by pool: their age and state; exit 1 when no build can be on one of them.",
        ),
        "reap": Verb(
            "workbench.cli.agents",
            "End the build agents that no build can be on: older than the longest build, or without their group.",
        ),
    },
)

_NOT_FOR_ALL: Mapping[str, Callable[[Program[Any]], bool]] = {
    "approval": lambda program: program.takes_approvals,
    "notify": lambda program: program.notifications is not None,
}
"""The nouns that only some programs have, and which those are."""

_ECS_ALONE = ("service", "approval", "image")
"""The nouns that a program without services on ECS has not."""


_PARITY = Verb(
    "workbench.cli.parity",
    "Compare the two stacks that are twins; exit 1 when they differ in anything but what may differ.",
)


def _common(program: Program[Any] | None) -> Mapping[str, Noun | Verb]:
    """Return the commands that all programs of a kind have."""
    if program is None:
        return COMMANDS
    restore = _restore(entry for entry in ENTRIES if entry.store_type in program.store_kinds)
    kind = COMMANDS if program.services or not program.units else _on_hosts()
    offered = {name: each for name, each in kind.items() if name not in _NOT_FOR_ALL or _NOT_FOR_ALL[name](program)}
    found = {**offered, "restore": restore}
    if program.has_agents:
        found["agents"] = _AGENTS
    if program.local_platform is not None:
        found["dev"] = DEV
    return found if program.twins is None else {**found, "parity": _PARITY}


def _on_hosts() -> Mapping[str, Noun | Verb]:
    """Return the commands of a program whose services are units on hosts."""
    found: dict[str, Noun | Verb] = {}
    for name, offered in COMMANDS.items():
        if name == _ECS_ALONE[0]:
            found |= UNITS
        elif name not in _ECS_ALONE:
            found[name] = offered
    practice = {name: verb for name, verb in _SANDBOX.items() if name != "image"}
    practice["release"] = Verb(
        "workbench.cli.sandbox.release",
        "Bring a practice release into the embedded AWS: services of nothing but word of how they behave.",
    )
    found["sandbox"] = replace(_noun(COMMANDS["sandbox"]), verbs=practice)
    return found


def _noun(offered: Noun | Verb) -> Noun:
    assert isinstance(offered, Noun)  # noqa: S101 (the table says so)
    return offered


def commands_of(program: Program[Any] | None) -> Mapping[str, Noun | Verb]:
    """Return the commands that all programs have, followed by a program's own."""
    found = dict(_common(program))
    if program is None:
        return found
    for noun, own in program.commands.items():
        present = found.get(noun)
        found[noun] = replace(present, verbs={**present.verbs, **own.verbs}) if isinstance(present, Noun) else own
    return found
