"""The ``dev`` commands, for the table of all."""

from workbench.words import Noun, Verb

DEV = Noun(
    "Run the platform on this machine, in Docker.",
    {
        "up": Verb("workbench.cli.dev.up", "Start the platform on this machine, and wait until everything is healthy."),
        "down": Verb("workbench.cli.dev.down", "Stop the platform and remove its containers; the data stays."),
        "reset": Verb(
            "workbench.cli.dev.down",
            "Stop the platform and delete all of its data: databases, queues, issued certificates, analytics.",
        ),
        "logs": Verb("workbench.cli.dev.look", "Show what services have written, also what has ended."),
        "shell": Verb("workbench.cli.dev.look", "Open a shell in a running container."),
        "sql": Verb(
            "workbench.cli.dev.look",
            "Open MySQL's client as the applications' user, or give it the statements of standard input.",
        ),
        "clone": Verb(
            "workbench.cli.dev.clone",
            "Clone the repositories that are not beside this one yet; what is there, whatever it is, is not touched.",
        ),
        "env": Verb(
            "workbench.cli.dev.env",
            "Make the files of variables that containers need, with passwords and keys of this machine's own.",
        ),
        "certificates": Verb(
            "workbench.cli.dev.certificates",
            "Make an authority for this machine alone, and the certificates of the stores; say how it is trusted.",
        ),
        "doctor": Verb(
            "workbench.cli.dev.doctor",
            "Check this machine: Docker, repositories, variables, certificates, ports, memory; each with the next "
            "command.",
        ),
        "write": Verb(
            "workbench.cli.dev.write",
            "Write the files of local-dev/ from what the program says of its services; nobody edits them.",
        ),
    },
)
