"""``zelly secrets set``, ``push`` and ``restore``: what changes is shown, no value is."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox
from zelly_infra.catalog import APPLICATION_SECRETS

REGION = "ap-southeast-1"
NOVA = "zelly/fastify-nova/env"
ORION = "zelly/orion-backend/env"
VALUE = "correct-horse-battery-staple"

ON_COMMAND_LINE = (
    "came more than SECRET and KEY, which is not shown here: a value on the command line would stand in the process "
    "list and the shell's history; type it when asked, or use --stdin or --file\n"
)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put bytes on standard input."""

    def put(content: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


def held(secrets: Any, name: str) -> dict[str, Any]:
    return json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])


def empty(name: str) -> dict[str, str]:
    return dict.fromkeys(APPLICATION_SECRETS[name], "")


def _restart(service: str) -> str:
    return f"zelly service restart {service} --stack staging"


RUNNING = "Tasks that run keep what they started with. A deploy brings it to them, or without one:"


def test_value_from_standard_input_is_set_and_says_who_has_to_start_anew(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    typed(f"{VALUE}\n".encode())
    completed = operator.zelly("secrets", "set", ORION, "CORS_ORIGINS", "--stdin", "--stack", "staging")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        0,
        [f"Written: {ORION}.", RUNNING, _restart("orion-backend")],
        [f"{ORION}:", "  CORS_ORIGINS: filled", "  others that stay as they are: 1"],
    )
    assert held(stored, ORION) == {**empty(ORION), "CORS_ORIGINS": VALUE}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"one\n", "one"),
        (b"one\r\n", "one"),
        (b"one\n\n", "one\n"),
        (b" one ", " one "),
        ("-----BEGIN KEY-----\nä\n-----END KEY-----\n".encode(), "-----BEGIN KEY-----\nä\n-----END KEY-----"),
    ],
)
def test_one_newline_at_the_end_of_a_file_is_not_a_part_of_the_value(
    operator: Operator, stored: Any, tmp_path: Path, content: bytes, value: str
) -> None:
    file = tmp_path / "value"
    file.write_bytes(content)
    file.chmod(0o600)
    completed = operator.zelly("secrets", "set", ORION, "CORS_ORIGINS", "--file", str(file), "--stack", "staging")
    assert completed.exit_code == 0
    assert held(stored, ORION)["CORS_ORIGINS"] == value


def test_value_before_stays_as_the_previous_version_and_no_label_is_left_behind(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    before = stored.get_secret_value(SecretId=ORION)["VersionId"]
    typed(b"one")
    operator.zelly("secrets", "set", ORION, "CORS_ORIGINS", "--stdin", "--stack", "staging")
    labels = stored.describe_secret(SecretId=ORION)["VersionIdsToStages"]
    current = stored.get_secret_value(SecretId=ORION)["VersionId"]
    assert (labels[before], labels[current]) == (["AWSPREVIOUS"], ["AWSCURRENT"])
    assert "ZELLY_WAITING" not in [label for labelled in labels.values() for label in labelled]


def test_same_value_again_writes_nothing(operator: Operator, stored: Any, typed: Callable[[bytes], None]) -> None:
    typed(b"one")
    arguments = ("secrets", "set", ORION, "CORS_ORIGINS", "--stdin", "--stack", "staging")
    operator.zelly(*arguments)
    version = stored.get_secret_value(SecretId=ORION)["VersionId"]
    typed(b"one")
    assert operator.zelly(*arguments).stdout == "Nothing changed.\n"
    assert stored.get_secret_value(SecretId=ORION)["VersionId"] == version


@pytest.mark.parametrize("extra", [VALUE, f"--{VALUE}", f"-{VALUE}", f"--value={VALUE}", f"-s{VALUE}", f"-h{VALUE}"])
def test_value_on_the_command_line_is_refused_and_not_repeated(operator: Operator, stored: Any, extra: str) -> None:
    completed = operator.zelly("secrets", "set", ORION, "CORS_ORIGINS", extra, "--stack", "staging")
    assert completed == Completed(exit_code=2, stdout="", stderr=ON_COMMAND_LINE)
    assert held(stored, ORION) == empty(ORION)


UNKNOWN = f"secret: unknown; allowed: {', '.join(APPLICATION_SECRETS)}"
KEYS = "JWT_SECRET_KEY, CORS_ORIGINS"
NEW_KEY = "--new-key adds one that the catalog does not know"


@pytest.mark.parametrize(
    ("secret", "key", "complaint"),
    [
        ("zelly/orion-backnd/env", "CORS_ORIGINS", f"{UNKNOWN} (did you mean {ORION}?)"),
        (VALUE, "CORS_ORIGINS", UNKNOWN),
        (ORION, "CORS_ORIGIN", f"secret {ORION}: unknown key; allowed: {KEYS} (did you mean CORS_ORIGINS?); {NEW_KEY}"),
        (ORION, "S3cretValue", f"secret {ORION}: unknown key; allowed: {KEYS}; {NEW_KEY}"),
        (
            ORION,
            f"CORS_ORIGINS={VALUE}",
            f"secret {ORION}: a key is no name of an environment variable (letters, digits and _)",
        ),
        (
            "zelly/aurora/master",
            "DB_PASSWORD",
            "secret zelly/aurora/master: its values are the program's own, `pulumi up` would replace yours",
        ),
    ],
)
def test_name_that_is_not_the_operators_is_refused_before_a_value_is_read(
    operator: Operator, secret: str, key: str, complaint: str
) -> None:
    # Standard input is none here: reading it would be the complaint.
    assert operator.zelly("secrets", "set", secret, key, "--stdin", "--stack", "staging") == Completed(
        exit_code=2, stdout="", stderr=f"{complaint}\n"
    )


def test_key_that_the_catalog_does_not_know_can_be_added_on_purpose(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    typed(b"one")
    completed = operator.zelly("secrets", "set", ORION, "NEW_TOKEN", "--stdin", "--new-key", "--stack", "staging")
    assert (completed.exit_code, completed.stderr.splitlines()[1]) == (0, "  NEW_TOKEN: added")
    assert held(stored, ORION) == {**empty(ORION), "NEW_TOKEN": "one"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", f"secret {ORION}: CORS_ORIGINS: came nothing; a value is required"),
        (b"\n", f"secret {ORION}: CORS_ORIGINS: came nothing; a value is required"),
        (b" \t \n\n", f"secret {ORION}: CORS_ORIGINS: came white space alone; a value is required"),
        (b"ab\xff", "standard input: byte 3 is not UTF-8; text is required"),
        (b"x" * 70_000, f"secret {ORION}: would have 70042 bytes; allowed: 65536"),
    ],
)
def test_value_that_cannot_be_one_is_refused(
    operator: Operator, stored: Any, typed: Callable[[bytes], None], content: bytes, complaint: str
) -> None:
    typed(content)
    completed = operator.zelly("secrets", "set", ORION, "CORS_ORIGINS", "--stdin", "--stack", "staging")
    assert completed == Completed(exit_code=2, stdout="", stderr=f"{complaint}\n")
    assert held(stored, ORION) == empty(ORION)


def test_without_a_terminal_the_ways_in_are_named(operator: Operator, typed: Callable[[bytes], None]) -> None:
    typed(b"one")
    arguments = ("secrets", "set", ORION, "CORS_ORIGINS", "--stack", "staging")
    assert operator.zelly(*arguments).stderr == (
        "value: missing; allowed: --stdin, --file FILE, or a terminal to type it at\n"
    )
    assert operator.zelly(*arguments, "--stdin", "--file", "x").stderr == (
        "--stdin, --file: came both; allowed: one of them, or neither to be asked\n"
    )
    assert operator.zelly(*arguments, "--file", "nowhere").stderr == (
        "nowhere: No such file or directory; a file that can be read is required\n"
    )


def test_value_typed_at_a_terminal_is_asked_for_twice_and_never_shown(sandbox: Sandbox, stored: Any) -> None:
    controller, terminal = os.openpty()
    zelly = [sys.executable, "-c", "from workbench.cli.main import main; main()"]
    process = subprocess.Popen(
        [*zelly, "secrets", "set", ORION, "CORS_ORIGINS", "--stack", "staging"],
        cwd=sandbox.folder,
        env={**os.environ, **sandbox.variables},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    for prompt, answer in (
        (b"CORS_ORIGINS: ", VALUE),
        (b"once more: ", "not-the-same"),
        (b"CORS_ORIGINS: ", VALUE),
        (b"once more: ", VALUE),
    ):
        seen = len(shown)
        while prompt not in shown[seen:]:
            shown += os.read(controller, 1024)
        os.write(controller, f"{answer}\n".encode())
    while process.poll() is None or not shown.endswith(b"\n"):
        try:
            shown += os.read(controller, 1024)
        except OSError:  # the other side is closed
            break
    assert process.wait() == 0
    os.close(controller)
    assert (VALUE.encode() in shown, b"not-the-same" in shown) == (False, False)
    assert held(stored, ORION)["CORS_ORIGINS"] == VALUE


# push

PUSHED = {NOVA: {"JWT_SECRET": VALUE, "SLACK_WEBHOOK_URL": "https://hooks/x"}, ORION: {"CORS_ORIGINS": "https://a"}}


def test_push_shows_which_keys_change_and_writes_them(
    operator: Operator, stored: Any, tmp_path: Path, typed: Callable[[bytes], None]
) -> None:
    typed(VALUE.encode())
    operator.zelly("secrets", "set", NOVA, "JWT_SECRET", "--stdin", "--stack", "staging")
    typed(b"https://before")
    operator.zelly("secrets", "set", NOVA, "SLACK_WEBHOOK_URL", "--stdin", "--stack", "staging")
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps(PUSHED))
    file.chmod(0o640)
    completed = operator.zelly("secrets", "push", str(file), "--stack", "staging", "--yes")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        0,
        [f"Written: {NOVA}, {ORION}.", RUNNING, _restart("fastify-nova"), _restart("orion-backend")],
        [
            f"{file}: others on this machine may read it (mode 640); chmod 600 {file}",
            f"{NOVA}:",
            "  JWT_SECRET: unchanged",
            "  SLACK_WEBHOOK_URL: changed",
            "  others that stay as they are: 10",
            f"{ORION}:",
            "  CORS_ORIGINS: filled",
            "  others that stay as they are: 1",
        ],
    )
    assert held(stored, NOVA) == {**empty(NOVA), **PUSHED[NOVA]}
    assert held(stored, ORION) == {**empty(ORION), **PUSHED[ORION]}


def test_push_wants_a_yes_and_dry_run_changes_nothing(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    document = f'{ORION}:\n  CORS_ORIGINS: "https://a"\n'.encode()
    typed(document)
    dry = operator.zelly("secrets", "push", "-", "--stack", "staging", "--dry-run", "--json")
    assert (dry.exit_code, dry.stderr, json.loads(dry.stdout)) == (
        0,
        "",
        {
            "executed": False,
            "plan": {
                "secrets": [{"secret": ORION, "keys": {"CORS_ORIGINS": "filled"}}],
                "services": ["orion-backend"],
            },
        },
    )
    typed(document)
    refused = operator.zelly("secrets", "push", "-", "--stack", "staging")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (
        2,
        f"Write {ORION} of staging? Without a terminal nobody can say so; --yes is required",
    )
    assert held(stored, ORION) == empty(ORION)


FORM = 'required: {secret: {KEY: "value"}} in YAML or JSON'


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (f"{ORION}: {{CORS_ORIGINS: {VALUE}, CORS_ORIGINS: other}}", f"line 1: a key stands there twice; {FORM}"),
        (f"{ORION}: {{CORS_ORIGINS: '{VALUE}", f"line 1: not YAML; {FORM}"),
        (f"{ORION}: {VALUE}", FORM),
        ("", FORM),
        ("CORS_ORIGINS=x", FORM),
        (f"{ORION}: {{}}", FORM),
        (f"{ORION}: {{CORS_ORIGINS: 8123}}", f"{ORION}: CORS_ORIGINS: came a number; a text in quotes is required"),
        (f"{ORION}: {{CORS_ORIGINS: true}}", f"{ORION}: CORS_ORIGINS: came a boolean; a text in quotes is required"),
        (f"{ORION}: {{CORS_ORIGINS: [a]}}", f"{ORION}: CORS_ORIGINS: came a list; a text in quotes is required"),
        (
            f"{ORION}: {{CORS_ORIGINS: {{a: b}}}}",
            f"{ORION}: CORS_ORIGINS: came an object; a text in quotes is required",
        ),
        (f"{ORION}: {{CORS_ORIGINS: }}", f"{ORION}: CORS_ORIGINS: came nothing; a text in quotes is required"),
    ],
)
def test_push_of_something_else_is_one_line_without_a_value(
    operator: Operator, stored: Any, typed: Callable[[bytes], None], document: str, complaint: str
) -> None:
    typed(document.encode())
    assert operator.zelly("secrets", "push", "-", "--stack", "staging", "--yes") == Completed(
        exit_code=2, stdout="", stderr=f"standard input: {complaint}\n"
    )
    assert held(stored, ORION) == empty(ORION)


def test_push_of_white_space_is_refused_with_every_key_of_it(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    typed(f'{ORION}: {{CORS_ORIGINS: "  ", JWT_SECRET_KEY: ""}}'.encode())
    assert operator.zelly("secrets", "push", "-", "--stack", "staging", "--yes") == Completed(
        exit_code=2,
        stdout="",
        stderr=f"secret {ORION}: CORS_ORIGINS: came white space alone; a value is required\n"
        f"secret {ORION}: JWT_SECRET_KEY: came nothing; a value is required\n",
    )
    assert held(stored, ORION) == empty(ORION)


# restore


def test_restore_keeps_a_secret_that_is_to_be_deleted(operator: Operator, stored: Any) -> None:
    stored.delete_secret(SecretId=ORION, RecoveryWindowInDays=30)
    day = stored.describe_secret(SecretId=ORION)["DeletedDate"].strftime("%Y-%m-%dT%H:%M:%SZ")
    arguments = ("secrets", "restore", ORION, "--stack", "staging")
    line = f"{ORION}: would be gone on {day}, will stay\n"
    assert operator.zelly(*arguments, "--dry-run") == Completed(exit_code=0, stdout=line, stderr="")
    completed = operator.zelly(*arguments)
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr) == (
        0,
        [
            f"{ORION} stays, with everything in it.",
            "If its stack has deleted it, `pulumi up` does not know it any more: `pulumi import` it first.",
        ],
        line,
    )
    assert held(stored, ORION) == empty(ORION)
    assert operator.zelly(*arguments) == Completed(
        exit_code=2,
        stdout="",
        stderr=f"secret {ORION}: not scheduled for deletion; there is nothing to take back\n",
    )


def test_restore_of_what_is_not_there_is_one_line(operator: Operator) -> None:
    assert operator.zelly("secrets", "restore", "zelly/nothing", "--stack", "staging").stderr == (
        "secret zelly/nothing: not there, or gone for good; `zelly secrets list` shows those there are\n"
    )
