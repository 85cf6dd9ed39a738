"""A Session Manager plugin that only records how it is called."""

import sys
from pathlib import Path

import pytest

RECORD = """
folder = pathlib.Path(__file__).parent
shown = pathlib.Path('/proc/self/cmdline').read_text().split('\\0')
(folder / 'called.json').write_text(json.dumps({
    'argv': sys.argv[1:], 'process_list': shown, 'session': os.environ[sys.argv[1]]}))
raise SystemExit(7)
"""
"""Writes what it was given, and what everybody sees of it, into ``called.json``, and ends with 7."""


def install_plugin(folder: Path, monkeypatch: pytest.MonkeyPatch, *, version: str, body: str = "") -> Path:
    """Put a plugin alone on PATH that tells its version, and otherwise does what the body says."""
    plugin = folder / "session-manager-plugin"
    plugin.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys\n"
        f"if sys.argv[1:] == ['--version']:\n    print({version!r})\n    raise SystemExit\n{body}\n"
    )
    plugin.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return plugin
