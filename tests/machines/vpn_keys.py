"""WireGuard's own program for keys, and where a configuration keeps one."""

import subprocess
from configparser import ConfigParser

from tests.support.programs import require_program


def wg(verb: str, stdin: str = "") -> str:
    """Return what ``wg genkey`` or ``wg pubkey`` prints."""
    program = require_program("wg", package="wireguard-tools")
    return subprocess.run([program, verb], input=stdin, capture_output=True, text=True, check=True).stdout.strip()


def private_key(config: str) -> str:
    """Return the private key of a developer's configuration."""
    parser = ConfigParser()
    parser.read_string(config)
    return parser["Interface"]["PrivateKey"]
