"""``zelly dev write``: what it writes, deletes and leaves alone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.zelly_infra.local_dev.resolved import platform
from workbench.cli.dev import write as module
from workbench.errors import OperatorError
from workbench.local_dev.files import files
from workbench.local_dev.model import FOLDER, Application, LocalPlatform
from workbench.local_dev.writing import differences, write
from zelly_infra.program import PROGRAM


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose files are as they are written."""
    write(differences(platform(), tmp_path), tmp_path)
    return tmp_path


def change_three(root: Path) -> dict[str, str]:
    folder = root / FOLDER
    (folder / "Caddyfile").write_text("# mine\n")
    (folder / "mysql/init.sql").unlink()
    (folder / "env/gone.env.example").write_text((folder / "env/astro.env.example").read_text())
    return {
        f"{FOLDER}/Caddyfile": "other",
        f"{FOLDER}/mysql/init.sql": "missing",
        f"{FOLDER}/env/gone.env.example": "left over",
    }


def dev_write(root: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(module, "current_platform", lambda: (platform(), root))
    ran = CliRunner().invoke(module.app, arguments)
    return ran.exit_code, ran.stdout


def test_a_clean_tree_is_not_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {str(path.relative_to(root / FOLDER)) for path in root.rglob("*") if path.is_file()} == set(
        files(platform())
    )
    assert dev_write(root, monkeypatch, "--check") == (0, "local-dev/: every file is as it is written.\n")
    assert dev_write(root, monkeypatch) == (0, "local-dev/: 0 files changed.\n")


def test_check_names_each_file_that_differs_and_writes_none(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = change_three(root)
    code, shown = dev_write(root, monkeypatch, "--check")
    assert code == 1
    assert [line.partition(":")[0] for line in shown.splitlines()][:-1] == list(changed)
    assert shown.splitlines()[-1].endswith("dev write")
    code, document = dev_write(root, monkeypatch, "--check", "--json")
    assert (code, json.loads(document)) == (1, {"differences": changed})
    assert (root / FOLDER / "Caddyfile").read_text() == "# mine\n"


def test_it_writes_what_differs_and_deletes_what_is_left_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_three(root)
    code, _ = dev_write(root, monkeypatch, "--dry-run")
    assert (code, len(differences(platform(), root))) == (0, 3)
    assert dev_write(root, monkeypatch) == (0, "local-dev/: 3 files changed.\n")
    assert differences(platform(), root) == ()
    assert not (root / FOLDER / "env/gone.env.example").exists()


def test_a_machines_own_files_are_left_alone(root: Path) -> None:
    folder = root / FOLDER
    # A developer may have copied the example, first line and all.
    (folder / "env/gone.env").write_text((folder / "env/astro.env.example").read_text())
    for name in (".env", "compose.override.yaml", "certificates/ca.pem", "secrets/redis-password"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text((folder / "Caddyfile").read_text())
    (folder / "notes.txt").write_text("mine\n")
    assert differences(platform(), root) == ()


def changed(changed_name: str, /, **values: object) -> LocalPlatform:
    return replace(
        platform(),
        applications=tuple(
            replace(each, **values) if each.name == changed_name else each  # pyright: ignore[reportArgumentType]
            for each in platform().applications
        ),
    )


def without(name: str) -> LocalPlatform:
    return replace(platform(), applications=tuple(each for each in platform().applications if each.name != name))


def application(name: str) -> Application:
    return platform().application(name)


@pytest.mark.parametrize(
    ("mistaken", "line"),
    [
        (
            changed("astro", ports=application("fastify-nova").ports),
            "port 3000: published by fastify-nova and astro; allowed: one of them",
        ),
        (changed("astro", name="redis"), "redis: 2 containers have this name; allowed: one"),
        (
            changed("astro", stores=("postgres",)),
            "astro: waits for postgres; allowed: clickhouse, mailpit, mysql, redis",
        ),
        (changed("astro", starts_after=("events-consumer",)), "astro: waits for events-consumer, which has no health"),
        (changed("astro", starts_after=("caddy",)), "caddy after astro after caddy: none of them starts first"),
        (
            changed("customer-panel", migration=None),
            "schema ecom_store_front: customer-panel makes it; allowed: fastify-nova, orion-backend",
        ),
        (without("astro"), "caddy: waits for astro; allowed: fastify-nova, customer-panel"),
    ],
)
def test_a_platform_that_could_not_run_is_refused_in_one_line(
    mistaken: LocalPlatform, line: str, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError) as refused:
        differences(mistaken, tmp_path)
    assert f"zelly on this machine: {line}" in str(refused.value)
    assert not (tmp_path / FOLDER).exists()


def test_a_release_that_is_not_known_to_run_here_is_refused(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "Pulumi.staging.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.staging.yaml").write_text(text.replace("aurora.3.10.5", "aurora.4.01.0"))
    assert PROGRAM.local_platform is not None
    with pytest.raises(
        OperatorError, match=r"Pulumi\.staging\.yaml: aurora\.engine_version: came 8\.0\.mysql_aurora\.4"
    ):
        PROGRAM.local_platform(tmp_path)
