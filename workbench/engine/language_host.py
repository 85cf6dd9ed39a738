"""The language host: where the Pulumi engine asks for the program to be run.

Pulumi's own, ``pulumi-language-python``, comes with an installation, and cannot be built wherever the CLI can. This one
runs programs, and policy packs, with this Python. The engine attaches to it by ``PULUMI_DEBUG_LANGUAGES=python:PORT``;
it serves one engine at a time.

Run as ``python -m workbench.engine.language_host RUNNER``, with the path of Pulumi's own
``pulumi-language-python-exec``. It prints its port, and ends when its standard input closes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc, plugin_pb2

LOOPBACK = "127.0.0.1"

_EXIT_CODE_ERROR_WAS_SHOWN = 32
"""The runner ends with it when it has already told the engine what is wrong with the program."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """A language host that runs Python programs for the engine.

    It needs no plugin: each provider that a program asks for is attached to the engine, too.
    """

    def __init__(self, runner: str) -> None:
        self._runner = runner
        self._engine_address = ""

    def Handshake(self, request: Any, context: Any) -> language_pb2.LanguageHandshakeResponse:  # noqa: ARG002, N802
        """Remember where the engine takes log lines."""
        self._engine_address = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002, N802
        """Answer that there is nothing to tell versions of."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPlugins(self, request: Any, context: Any) -> language_pb2.GetRequiredPluginsResponse:  # noqa: ARG002, N802
        """Answer that nothing has to be installed."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> language_pb2.GetRequiredPackagesResponse:  # noqa: ARG002, N802
        """Answer that nothing has to be installed."""
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, context: Any) -> language_pb2.RunResponse:  # noqa: N802
        """Run the program to its end; what it prints becomes log lines of the engine."""
        process = subprocess.Popen(  # noqa: S603 (this interpreter, Pulumi's own script)
            self._command(request),
            env={**os.environ, **self._environment(request)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # The call ends when the engine does, also when that is killed: the program must not go on without it.
        context.add_callback(process.kill)
        with grpc.insecure_channel(self._engine_address) as channel, process:
            # The SDK's stubs name their own messages by modules that it does not have.
            engine: Any = engine_pb2_grpc.EngineStub(channel)
            for line in process.stdout or ():
                engine.Log(engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.INFO, message=line.rstrip("\n")))
        return response(process.returncode)

    def _command(self, request: Any) -> Sequence[str]:
        return [sys.executable, *runner_arguments(self._runner, request, self._engine_address)]

    def _environment(self, request: Any) -> Mapping[str, str]:
        return configuration(request.config, request.configSecretKeys)

    def InstallDependencies(  # noqa: N802
        self,
        request: Any,  # noqa: ARG002
        context: Any,  # noqa: ARG002
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install nothing: a plugin runs with this Python and what it has."""
        yield from ()

    def RunPlugin(self, request: Any, context: Any) -> Iterator[language_pb2.RunPluginResponse]:  # noqa: N802
        """Run a plugin until the engine is done with it; its first line is the port that it serves on."""
        folder = request.info.program_directory
        commands = {
            "analyzer": ["-m", "pulumi.policy", *request.args, folder],
            "resource": [folder, *request.args],
        }
        if request.kind not in commands:
            allowed = ", ".join(commands)
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"plugins of kind {request.kind!r}; allowed: {allowed}")
        process = subprocess.Popen(  # noqa: S603 (this interpreter; Pulumi's own module, or the plugin's start)
            [sys.executable, "-u", *commands[request.kind]],
            cwd=request.pwd,
            env={**os.environ, **dict(variable.split("=", 1) for variable in request.env)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        context.add_callback(process.kill)
        with process:
            yield from (language_pb2.RunPluginResponse(stdout=line) for line in process.stdout or ())
        yield language_pb2.RunPluginResponse(exitcode=process.returncode)


def runner_arguments(runner: str, request: Any, engine_address: str) -> Sequence[str]:
    """Return the command line on which the runner takes what the engine wants run."""
    return [
        runner,
        *("--monitor", request.monitor_address),
        *("--engine", engine_address),
        *("--project", request.project),
        *("--stack", request.stack),
        *("--organization", request.organization),
        *("--root_directory", request.info.root_directory),
        *("--pwd", request.info.program_directory),
        *("--parallel", str(request.parallel)),
        *("--dry_run", "true" if request.dryRun else "false"),
        request.info.entry_point,
    ]


def configuration(values: Mapping[str, str], secret_keys: Sequence[str]) -> Mapping[str, str]:
    """Return the environment variables in which the SDK looks for the stack's configuration."""
    return {
        "PULUMI_CONFIG": json.dumps(dict(values)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(secret_keys)),
    }


def response(exit_code: int) -> language_pb2.RunResponse:
    """Return what the engine is told about a program that has ended."""
    if exit_code == 0:
        return language_pb2.RunResponse()
    if exit_code == _EXIT_CODE_ERROR_WAS_SHOWN:
        return language_pb2.RunResponse(bail=True)
    return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {exit_code}")


def main(arguments: Sequence[str]) -> None:
    """Serve programs in Python."""
    (runner,) = arguments
    serve(LanguageHost(runner))


def serve(host: LanguageHost) -> None:
    """Serve until standard input closes: it never outlives a parent that was killed."""
    server = grpc.server(ThreadPoolExecutor())
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port(f"{LOOPBACK}:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    # A program that still runs is killed with its call.
    server.stop(grace=None).wait()


if __name__ == "__main__":
    main(sys.argv[1:])
