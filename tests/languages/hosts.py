"""Hosts of programs in Go and TypeScript, in place of Pulumi's own, which cannot be built wherever the CLI can.

Run as ``python -m tests.languages.hosts go PROGRAM`` or ``… nodejs PULUMIS_RUNNER``; see the host of Python's programs.
"""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.engine.language_host import LanguageHost, configuration, serve


class GoHost(LanguageHost):
    """Runs a program that is compiled already."""

    def _command(self, request: Any) -> Sequence[str]:  # noqa: ARG002
        return [self._runner]

    def _environment(self, request: Any) -> Mapping[str, str]:
        return {
            **configuration(request.config, request.configSecretKeys),
            "PULUMI_MONITOR": request.monitor_address,
            "PULUMI_ENGINE": self._engine_address,
            "PULUMI_ORGANIZATION": request.organization,
            "PULUMI_PROJECT": request.project,
            "PULUMI_STACK": request.stack,
            "PULUMI_PARALLEL": str(request.parallel),
            "PULUMI_DRY_RUN": "true" if request.dryRun else "false",
        }


class NodeHost(LanguageHost):
    """Runs a program with the runner in Pulumi's SDK."""

    def _command(self, request: Any) -> Sequence[str]:
        return [
            shutil.which("node") or "node",
            self._runner,
            f"--monitor={request.monitor_address}",
            f"--engine={self._engine_address}",
            f"--organization={request.organization}",
            f"--project={request.project}",
            f"--stack={request.stack}",
            f"--root-directory={request.info.root_directory}",
            f"--pwd={request.info.program_directory}",
            f"--parallel={request.parallel}",
            *(["--dry-run"] if request.dryRun else []),
            ".",
        ]


HOSTS: Mapping[str, type[LanguageHost]] = {"go": GoHost, "nodejs": NodeHost}

if __name__ == "__main__":
    language, runner = sys.argv[1:]
    serve(HOSTS[language](runner))
