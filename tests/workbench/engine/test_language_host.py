import json
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc

from workbench.engine.language_host import LanguageHost, configuration, response, runner_arguments

REQUEST = language_pb2.RunRequest(
    project="shop",
    stack="testing",
    organization="organization",
    monitor_address="127.0.0.1:1111",
    parallel=8,
    dryRun=True,
    config={"shop:size": "3", "shop:token": "hidden"},
    configSecretKeys=["shop:token"],
    info=language_pb2.ProgramInfo(root_directory="/shop", program_directory="/shop/program", entry_point="."),
)


def test_runner_is_told_where_everything_is() -> None:
    assert list(runner_arguments("/opt/run", REQUEST, "127.0.0.1:2222")) == [
        "/opt/run",
        *("--monitor", "127.0.0.1:1111"),
        *("--engine", "127.0.0.1:2222"),
        *("--project", "shop"),
        *("--stack", "testing"),
        *("--organization", "organization"),
        *("--root_directory", "/shop"),
        *("--pwd", "/shop/program"),
        *("--parallel", "8"),
        *("--dry_run", "true"),
        ".",
    ]


def test_configuration_is_handed_over_where_the_sdk_looks_for_it() -> None:
    assert configuration({"shop:token": "hidden"}, ["shop:token"]) == {
        "PULUMI_CONFIG": '{"shop:token": "hidden"}',
        "PULUMI_CONFIG_SECRET_KEYS": '["shop:token"]',
    }


@pytest.mark.parametrize(
    ("exit_code", "expected"),
    [
        (0, language_pb2.RunResponse()),
        (32, language_pb2.RunResponse(bail=True)),
        (1, language_pb2.RunResponse(error="Program exited with non-zero exit code: 1")),
    ],
)
def test_engine_is_told_how_the_program_ended(exit_code: int, expected: language_pb2.RunResponse) -> None:
    assert response(exit_code) == expected


class RecordingEngine(engine_pb2_grpc.EngineServicer):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        assert request.severity == engine_pb2.LogSeverity.INFO
        self.lines.append(request.message)
        return empty_pb2.Empty()


@contextmanager
def served(servicer: Any, register: Any) -> Generator[str]:
    server = grpc.server(ThreadPoolExecutor(4))
    register(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()


def run(runner: Path) -> tuple[language_pb2.RunResponse, list[str]]:
    """Let a host run ``runner`` in the place of Pulumi's; return its answer, and what it logged."""
    engine = RecordingEngine()
    with (
        served(engine, engine_pb2_grpc.add_EngineServicer_to_server) as engine_address,
        served(LanguageHost(str(runner)), language_pb2_grpc.add_LanguageRuntimeServicer_to_server) as host_address,
        grpc.insecure_channel(host_address) as channel,
    ):
        host: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address=engine_address))
        return host.Run(REQUEST), engine.lines


def test_what_the_program_prints_becomes_log_lines_of_the_engine(tmp_path: Path) -> None:
    runner = tmp_path / "runner"
    runner.write_text("import sys\nprint('one')\nprint()\nprint('two', file=sys.stderr, flush=True)")
    answer, lines = run(runner)
    assert answer == language_pb2.RunResponse()
    assert sorted(lines) == ["", "one", "two"]


def test_program_runs_with_this_python_and_the_stacks_configuration(tmp_path: Path) -> None:
    runner = tmp_path / "runner"
    runner.write_text("import os, sys\nprint(sys.executable)\nprint(os.environ['PULUMI_CONFIG'])\nsys.exit(32)")
    answer, (interpreter, values) = run(runner)
    assert (interpreter, json.loads(values)) == (sys.executable, {"shop:size": "3", "shop:token": "hidden"})
    assert answer == language_pb2.RunResponse(bail=True)


def plugin(folder: Path, kind: str) -> list[language_pb2.RunPluginResponse]:
    """Let a host run the policy pack in ``folder``; return everything that it answers."""
    with (
        served(LanguageHost("no-runner"), language_pb2_grpc.add_LanguageRuntimeServicer_to_server) as host_address,
        grpc.insecure_channel(host_address) as channel,
    ):
        host: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        request = language_pb2.RunPluginRequest(
            pwd=str(folder.parent),
            args=["127.0.0.1:2222"],
            env=["SIZE=3=4"],
            kind=kind,
            info=language_pb2.ProgramInfo(root_directory=str(folder), program_directory=str(folder), entry_point="."),
        )
        return list(host.RunPlugin(request))


def test_policy_pack_runs_with_this_python_where_the_engine_wants_it(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "__main__.py").write_text("import os, sys\nprint(os.getcwd(), os.environ['SIZE'])\nprint(sys.executable)")
    *lines, end = plugin(pack, "analyzer")
    assert [line.stdout.decode() for line in lines] == [f"{tmp_path} 3=4\n", f"{sys.executable}\n"]
    assert end == language_pb2.RunPluginResponse(exitcode=0)


def test_policy_pack_that_fails_says_so_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("raise ValueError('no such rule')")
    *lines, end = plugin(tmp_path, "analyzer")
    assert end == language_pb2.RunPluginResponse(exitcode=1)
    assert any(b"ValueError: no such rule" in line.stdout for line in lines)


def test_provider_runs_from_its_folder_with_this_python(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import sys\nprint(sys.executable)\nprint(sys.argv[0])")
    *lines, end = plugin(tmp_path, "resource")
    assert [line.stdout.decode() for line in lines] == [f"{sys.executable}\n", f"{tmp_path}\n"]
    assert end == language_pb2.RunPluginResponse(exitcode=0)


def test_plugin_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        plugin(tmp_path, "converter")
    status: Any = refused.value
    assert (status.code(), status.details()) == (
        grpc.StatusCode.UNIMPLEMENTED,
        "plugins of kind 'converter'; allowed: analyzer, resource",
    )
