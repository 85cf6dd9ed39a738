"""``zelly secrets set``, ``push`` and ``restore``: what changes is shown, no value is."""

import io
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sample_infra.program import PROGRAM
from tests.support import sample
from tests.workbench.conftest import Completed, Operator, Up

REGION = "eu-west-1"
WEB = "sample/web/env"
WORKER = "sample/worker/env"
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
    return dict.fromkeys(PROGRAM.secrets.application[name], "")


def _restart(service: str) -> str:
    return f"zelly service restart {service} --stack trial"


RUNNING = "Tasks that run keep what they started with. A deploy brings it to them, or without one:"


def test_value_from_standard_input_is_set_and_says_who_has_to_start_anew(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    typed(f"{VALUE}\n".encode())
    completed = operator.run("secrets", "set", WORKER, "ORIGINS", "--stdin", "--stack", "trial")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        0,
        [f"Written: {WORKER}.", RUNNING, _restart("worker")],
        [f"{WORKER}:", "  ORIGINS: filled", "  others that stay as they are: 1"],
    )
    assert held(stored, WORKER) == {**empty(WORKER), "ORIGINS": VALUE}


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
    completed = operator.run("secrets", "set", WORKER, "ORIGINS", "--file", str(file), "--stack", "trial")
    assert completed.exit_code == 0
    assert held(stored, WORKER)["ORIGINS"] == value


def test_value_before_stays_as_the_previous_version_and_no_label_is_left_behind(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    before = stored.get_secret_value(SecretId=WORKER)["VersionId"]
    typed(b"one")
    operator.run("secrets", "set", WORKER, "ORIGINS", "--stdin", "--stack", "trial")
    labels = stored.describe_secret(SecretId=WORKER)["VersionIdsToStages"]
    current = stored.get_secret_value(SecretId=WORKER)["VersionId"]
    assert (labels[before], labels[current]) == (["AWSPREVIOUS"], ["AWSCURRENT"])
    assert "ZELLY_WAITING" not in [label for labelled in labels.values() for label in labelled]


def test_same_value_again_writes_nothing(operator: Operator, stored: Any, typed: Callable[[bytes], None]) -> None:
    typed(b"one")
    arguments = ("secrets", "set", WORKER, "ORIGINS", "--stdin", "--stack", "trial")
    operator.run(*arguments)
    version = stored.get_secret_value(SecretId=WORKER)["VersionId"]
    typed(b"one")
    assert operator.run(*arguments).stdout == "Nothing changed.\n"
    assert stored.get_secret_value(SecretId=WORKER)["VersionId"] == version


@pytest.mark.parametrize("extra", [VALUE, f"--{VALUE}", f"-{VALUE}", f"--value={VALUE}", f"-s{VALUE}", f"-h{VALUE}"])
def test_value_on_the_command_line_is_refused_and_not_repeated(operator: Operator, stored: Any, extra: str) -> None:
    completed = operator.run("secrets", "set", WORKER, "ORIGINS", extra, "--stack", "trial")
    assert completed == Completed(exit_code=2, stdout="", stderr=ON_COMMAND_LINE)
    assert held(stored, WORKER) == empty(WORKER)


UNKNOWN = f"secret: unknown; allowed: {', '.join(PROGRAM.secrets.application)}"
KEYS = "QUEUE_KEY, ORIGINS"
NEW_KEY = "--new-key adds one that the catalog does not know"


@pytest.mark.parametrize(
    ("secret", "key", "complaint"),
    [
        ("sample/workr/env", "ORIGINS", f"{UNKNOWN} (did you mean {WORKER}?)"),
        (VALUE, "ORIGINS", UNKNOWN),
        (WORKER, "ORIGIN", f"secret {WORKER}: unknown key; allowed: {KEYS} (did you mean ORIGINS?); {NEW_KEY}"),
        (WORKER, "S3cretValue", f"secret {WORKER}: unknown key; allowed: {KEYS}; {NEW_KEY}"),
        (
            WORKER,
            f"ORIGINS={VALUE}",
            f"secret {WORKER}: a key is no name of an environment variable (letters, digits and _)",
        ),
        (
            "sample/aurora/login",
            "DB_PASSWORD",
            "secret sample/aurora/login: its values are the program's own, `pulumi up` would replace yours",
        ),
    ],
)
def test_name_that_is_not_the_operators_is_refused_before_a_value_is_read(
    operator: Operator, secret: str, key: str, complaint: str
) -> None:
    # Standard input is none here: reading it would be the complaint.
    assert operator.run("secrets", "set", secret, key, "--stdin", "--stack", "trial") == Completed(
        exit_code=2, stdout="", stderr=f"{complaint}\n"
    )


def test_key_that_the_catalog_does_not_know_can_be_added_on_purpose(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    typed(b"one")
    completed = operator.run("secrets", "set", WORKER, "NEW_TOKEN", "--stdin", "--new-key", "--stack", "trial")
    assert (completed.exit_code, completed.stderr.splitlines()[1]) == (0, "  NEW_TOKEN: added")
    assert held(stored, WORKER) == {**empty(WORKER), "NEW_TOKEN": "one"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", f"secret {WORKER}: ORIGINS: came nothing; a value is required"),
        (b"\n", f"secret {WORKER}: ORIGINS: came nothing; a value is required"),
        (b" \t \n\n", f"secret {WORKER}: ORIGINS: came white space alone; a value is required"),
        (b"ab\xff", "standard input: byte 3 is not UTF-8; text is required"),
        (b"x" * 70_000, f"secret {WORKER}: would have 70032 bytes; allowed: 65536"),
    ],
)
def test_value_that_cannot_be_one_is_refused(
    operator: Operator, stored: Any, typed: Callable[[bytes], None], content: bytes, complaint: str
) -> None:
    typed(content)
    completed = operator.run("secrets", "set", WORKER, "ORIGINS", "--stdin", "--stack", "trial")
    assert completed == Completed(exit_code=2, stdout="", stderr=f"{complaint}\n")
    assert held(stored, WORKER) == empty(WORKER)


def test_without_a_terminal_the_ways_in_are_named(operator: Operator, typed: Callable[[bytes], None]) -> None:
    typed(b"one")
    arguments = ("secrets", "set", WORKER, "ORIGINS", "--stack", "trial")
    assert operator.run(*arguments).stderr == (
        "value: missing; allowed: --stdin, --file FILE, or a terminal to type it at\n"
    )
    assert operator.run(*arguments, "--stdin", "--file", "x").stderr == (
        "--stdin, --file: came both; allowed: one of them, or neither to be asked\n"
    )
    assert operator.run(*arguments, "--file", "nowhere").stderr == (
        "nowhere: No such file or directory; a file that can be read is required\n"
    )


def test_value_typed_at_a_terminal_is_asked_for_twice_and_never_shown(up: Up, stored: Any, tmp_path: Path) -> None:
    controller, terminal = os.openpty()
    installed = sample.installed(tmp_path)
    process = subprocess.Popen(
        [str(tmp_path / "sample"), "secrets", "set", WORKER, "ORIGINS", "--stack", "trial"],
        cwd=up.folder,
        env={**os.environ, **installed, **up.variables},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    for prompt, answer in (
        (b"ORIGINS: ", VALUE),
        (b"once more: ", "not-the-same"),
        (b"ORIGINS: ", VALUE),
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
    assert held(stored, WORKER)["ORIGINS"] == VALUE


# push

PUSHED = {WEB: {"SESSION_KEY": VALUE, "MAIL_URL": "https://hooks/x"}, WORKER: {"ORIGINS": "https://a"}}


def test_push_shows_which_keys_change_and_writes_them(
    operator: Operator, stored: Any, tmp_path: Path, typed: Callable[[bytes], None]
) -> None:
    typed(VALUE.encode())
    operator.run("secrets", "set", WEB, "SESSION_KEY", "--stdin", "--stack", "trial")
    typed(b"https://before")
    operator.run("secrets", "set", WEB, "MAIL_URL", "--stdin", "--stack", "trial")
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps(PUSHED))
    file.chmod(0o640)
    completed = operator.run("secrets", "push", str(file), "--stack", "trial", "--yes")
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr.splitlines()) == (
        0,
        [f"Written: {WEB}, {WORKER}.", RUNNING, _restart("web"), _restart("worker")],
        [
            f"{file}: others on this machine may read it (mode 640); chmod 600 {file}",
            f"{WEB}:",
            "  SESSION_KEY: unchanged",
            "  MAIL_URL: changed",
            f"{WORKER}:",
            "  ORIGINS: filled",
            "  others that stay as they are: 1",
        ],
    )
    assert held(stored, WEB) == {**empty(WEB), **PUSHED[WEB]}
    assert held(stored, WORKER) == {**empty(WORKER), **PUSHED[WORKER]}


def test_push_wants_a_yes_and_dry_run_changes_nothing(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    document = f'{WORKER}:\n  ORIGINS: "https://a"\n'.encode()
    typed(document)
    dry = operator.run("secrets", "push", "-", "--stack", "trial", "--dry-run", "--json")
    assert (dry.exit_code, dry.stderr, json.loads(dry.stdout)) == (
        0,
        "",
        {
            "executed": False,
            "plan": {
                "secrets": [{"secret": WORKER, "keys": {"ORIGINS": "filled"}}],
                "services": ["worker"],
            },
        },
    )
    typed(document)
    refused = operator.run("secrets", "push", "-", "--stack", "trial")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (
        2,
        f"Write {WORKER} of trial? Without a terminal nobody can say so; --yes is required",
    )
    assert held(stored, WORKER) == empty(WORKER)


FORM = 'required: {secret: {KEY: "value"}} in YAML or JSON'


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (f"{WORKER}: {{ORIGINS: {VALUE}, ORIGINS: other}}", f"line 1: a key stands there twice; {FORM}"),
        (f"{WORKER}: {{ORIGINS: '{VALUE}", f"line 1: not YAML; {FORM}"),
        (f"{WORKER}: {VALUE}", FORM),
        ("", FORM),
        ("ORIGINS=x", FORM),
        (f"{WORKER}: {{}}", FORM),
        (f"{WORKER}: {{ORIGINS: 8123}}", f"{WORKER}: ORIGINS: came a number; a text in quotes is required"),
        (f"{WORKER}: {{ORIGINS: true}}", f"{WORKER}: ORIGINS: came a boolean; a text in quotes is required"),
        (f"{WORKER}: {{ORIGINS: [a]}}", f"{WORKER}: ORIGINS: came a list; a text in quotes is required"),
        (
            f"{WORKER}: {{ORIGINS: {{a: b}}}}",
            f"{WORKER}: ORIGINS: came an object; a text in quotes is required",
        ),
        (f"{WORKER}: {{ORIGINS: }}", f"{WORKER}: ORIGINS: came nothing; a text in quotes is required"),
    ],
)
def test_push_of_something_else_is_one_line_without_a_value(
    operator: Operator, stored: Any, typed: Callable[[bytes], None], document: str, complaint: str
) -> None:
    typed(document.encode())
    assert operator.run("secrets", "push", "-", "--stack", "trial", "--yes") == Completed(
        exit_code=2, stdout="", stderr=f"standard input: {complaint}\n"
    )
    assert held(stored, WORKER) == empty(WORKER)


def test_push_of_white_space_is_refused_with_every_key_of_it(
    operator: Operator, stored: Any, typed: Callable[[bytes], None]
) -> None:
    typed(f'{WORKER}: {{ORIGINS: "  ", QUEUE_KEY: ""}}'.encode())
    assert operator.run("secrets", "push", "-", "--stack", "trial", "--yes") == Completed(
        exit_code=2,
        stdout="",
        stderr=f"secret {WORKER}: ORIGINS: came white space alone; a value is required\n"
        f"secret {WORKER}: QUEUE_KEY: came nothing; a value is required\n",
    )
    assert held(stored, WORKER) == empty(WORKER)


# restore


def test_restore_keeps_a_secret_that_is_to_be_deleted(operator: Operator, stored: Any) -> None:
    stored.delete_secret(SecretId=WORKER, RecoveryWindowInDays=30)
    day = stored.describe_secret(SecretId=WORKER)["DeletedDate"].strftime("%Y-%m-%dT%H:%M:%SZ")
    arguments = ("secrets", "restore", WORKER, "--stack", "trial")
    line = f"{WORKER}: would be gone on {day}, will stay\n"
    assert operator.run(*arguments, "--dry-run") == Completed(exit_code=0, stdout=line, stderr="")
    completed = operator.run(*arguments)
    assert (completed.exit_code, completed.stdout.splitlines(), completed.stderr) == (
        0,
        [
            f"{WORKER} stays, with everything in it.",
            "If its stack has deleted it, `pulumi up` does not know it any more: `pulumi import` it first.",
        ],
        line,
    )
    assert held(stored, WORKER) == empty(WORKER)
    assert operator.run(*arguments) == Completed(
        exit_code=2,
        stdout="",
        stderr=f"secret {WORKER}: not scheduled for deletion; there is nothing to take back\n",
    )


def test_restore_of_what_is_not_there_is_one_line(operator: Operator) -> None:
    assert operator.run("secrets", "restore", "sample/nothing", "--stack", "trial").stderr == (
        "secret sample/nothing: not there, or gone for good; `zelly secrets list` shows those there are\n"
    )
