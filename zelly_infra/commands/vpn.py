"""``zelly vpn``: the developers' access to private resources."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import segno
import typer
from rich.table import Table

from workbench.aws.ssm import Ssm
from workbench.cli.shared.app import App
from workbench.cli.shared.console import JsonOption, data_console, print_json, talk
from workbench.cli.shared.environment import Environment, open_environment
from workbench.cli.shared.stack import StackOption
from workbench.errors import OperatorError
from workbench.operations.private_files import write_private
from workbench.operations.state.outputs import stack_output
from zelly_infra.names import Names
from zelly_infra.vpn import OUTPUT, ClientConfig, check_peer, client_config, peer_rows

if TYPE_CHECKING:
    from zelly_infra.config import EnvironmentConfig

app = App()

_QR_MARGIN_MODULES = 4
"""The quiet zone that readers rely on (ISO/IEC 18004)."""

_WHITE_ON_BLACK = "\033[97;40m"
_COLOURS_AS_BEFORE = "\033[0m"


@app.command()
def config(
    peer: Annotated[str, typer.Argument(metavar="PEER", help="As in the stack file, e.g. peer1.")],
    qr: Annotated[bool, typer.Option("--qr", help="Draw it for a telephone's camera.")] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it into a file that only you may read.")
    ] = None,
    stack: StackOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace FILE if it is there.")] = False,
    json: JsonOption = False,
) -> None:
    """Print a developer's finished WireGuard configuration: into a file, as a QR code, or to a pipe.

    It holds a private key, so that it is not printed on a terminal, where it would stay.
    """
    if qr and json:
        raise OperatorError("--qr: came with --json; allowed: one of them")
    environment = open_environment(stack)
    peers = _config(environment).bastion.peers
    check_peer(peer, peers, environment.stack)
    found = client_config(peer, peers, stack_output(OUTPUT, stack=environment.stack, root=environment.root))
    _check_way_out(found, qr=qr, to_file=output is not None)
    if output is not None:
        write_private(output, found.text, replace=yes, otherwise="--yes replaces it")
        talk(f"{output}: written, mode 600. On Linux: sudo wg-quick up {output.absolute()}")
    if not found.holds_private_key:
        talk(f"{peer} made its own key: put the private one where the line PrivateKey says so.")
    if qr:
        _draw(found.text)
    elif json:
        content = {"file": str(output)} if output is not None else {"config": found.text}
        print_json({"peer": peer, "holds_private_key": found.holds_private_key, **content})
    elif output is None:
        typer.echo(found.text, nl=False)


@app.command("peers")
def list_peers(stack: StackOption = None, json: JsonOption = False) -> None:
    """List the peers; exit 1 when the bastion's list differs from the stack file.

    Who is connected only the bastion knows: `sudo wg show` there.
    """
    environment = open_environment(stack)
    parameter = Ssm(environment.aws).value(Names(environment.stack).peers_parameter)
    rows = peer_rows(_config(environment).bastion.peers, parameter)
    if json:
        print_json({"stack": environment.stack, "peers": [row.document() for row in rows]})
    else:
        table = Table("peer", "address", "public key", "state", box=None)
        for row in rows:
            table.add_row(row.name, row.address, row.public_key or "-", row.state)
        data_console().print(table)
    if not all(row.is_in_sync for row in rows):
        raise typer.Exit(1)


def _check_way_out(found: ClientConfig, *, qr: bool, to_file: bool) -> None:
    if qr and not found.holds_private_key:
        raise OperatorError(
            f"--qr: {found.peer} made its own key, which a code cannot be completed with; allowed: --output FILE"
        )
    if found.holds_private_key and not qr and not to_file and sys.stdout.isatty():
        raise OperatorError(
            "standard output: a terminal, where the private key would stay; allowed: --output FILE, --qr, or a pipe"
        )


def _draw(text: str) -> None:
    drawn = io.StringIO()
    segno.make(text, micro=False).terminal(drawn, border=_QR_MARGIN_MODULES, compact=True)
    # The blocks are the light modules. Whatever the terminal's colours are, they have to be lighter than the rest.
    before, after = (_WHITE_ON_BLACK, _COLOURS_AS_BEFORE) if sys.stdout.isatty() else ("", "")
    typer.echo("\n".join(f"{before}{line}{after}" for line in drawn.getvalue().splitlines()))


def _config(environment: Environment) -> "EnvironmentConfig":
    """Return the configuration as Zelly's own type; the tools know only a part of it."""
    return cast("EnvironmentConfig", environment.config)
