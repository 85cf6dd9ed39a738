"""The files that each machine makes for itself: environment files and certificates."""

import secrets
from pathlib import Path

import trustme

from tests.zelly_infra.stack_files import ROOT
from workbench.local_dev.model import FOLDER_PLACEHOLDER, LocalPlatform, environment_file
from workbench.local_dev.values import Known, Random, Value
from zelly_infra.local_dev.platform import local_platform


def write(platform: LocalPlatform, folder: Path) -> None:
    """Write them into the platform's folder."""
    made: dict[str, str] = {}

    def text(value: Value) -> str:
        if isinstance(value, Known):
            return value.text
        return made.setdefault(value.secret, secrets.token_hex(16)) if isinstance(value, Random) else ""

    for part in platform.parts:
        if part.variables:
            lines = [f"{variable.name}={text(variable.value)}\n" for variable in part.variables]
            path = folder / environment_file(part.name)
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(lines), encoding="utf-8")
    authority = trustme.CA()
    certificates = folder / "certificates"
    certificates.mkdir()
    authority.cert_pem.write_to_path(certificates / "ca.pem")
    authority.private_key_pem.write_to_path(certificates / "ca.key")
    for name in platform.certified:
        issued = authority.issue_cert(name, "localhost", "127.0.0.1")
        issued.private_key_pem.write_to_path(certificates / f"{name}.key")
        issued.cert_chain_pems[0].write_to_path(certificates / f"{name}.pem")


def variables_on_host(folder: Path, name: str) -> dict[str, str]:
    """Return a service's variables as they are outside of a container, with this machine's secrets."""
    application = local_platform(ROOT).application(name)
    text = (folder / "local-dev" / environment_file(name)).read_text(encoding="utf-8")
    own = dict(line.split("=", 1) for line in text.splitlines() if line)
    found = {variable.name: variable.value for variable in (*application.environment, *application.additions)}
    return {
        key: own[key]
        if not isinstance(value, Known)
        else (value.on_host or value.text).replace(FOLDER_PLACEHOLDER, str(folder / "local-dev"))
        for key, value in found.items()
    }
