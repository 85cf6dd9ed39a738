"""The commands on build agents, in the table of all commands of a program that has some."""

from workbench.words import Noun, Verb

AGENTS = Noun(
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
