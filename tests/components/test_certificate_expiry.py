"""The watch over an origin's certificates, run by the real shell and openssl."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.host_scripts import FakeHost
from zelly_components.edge import keys
from zelly_components.edge.expiry import TIMER, WARNING_DAYS, expiry_files

SEED = base64.b64encode(b"a" * 48).decode()


def ends_in(days: int) -> str:
    # A day more: a term begins at midnight, and today is under way.
    start = datetime.now(UTC).date() - timedelta(days=10)
    return keys.authority_certificate(SEED, "authority", valid_from=start, days=10 + days + 1)


def look(tmp_path: Path, **changed: str) -> tuple[int, str]:
    host = FakeHost(tmp_path)
    secret = {
        "ORIGIN_CERTIFICATE": ends_in(400),
        "ORIGIN_PRIVATE_KEY": "key",
        "ORIGIN_PULL_CA": ends_in(7000),
        "ORIGIN_PULL_CERTIFICATE": ends_in(WARNING_DAYS + 1),
        **changed,
    }
    host.answer("aws", json.dumps({key: value for key, value in secret.items() if value}))
    ran = host.run("edge/certificate-expiry.sh", "shop/origin/tls", str(WARNING_DAYS))
    (called,) = host.calls()
    assert called.startswith("aws secretsmanager get-secret-value --secret-id shop/origin/tls ")
    return ran.returncode, ran.stderr


def test_certificates_that_last_are_passed_over(tmp_path: Path) -> None:
    assert look(tmp_path) == (0, "")


@pytest.mark.parametrize("key", ["ORIGIN_CERTIFICATE", "ORIGIN_PULL_CERTIFICATE"])
def test_one_that_is_about_to_end_fails_the_unit_and_says_which_and_when(tmp_path: Path, key: str) -> None:
    code, said = look(tmp_path, **{key: ends_in(WARNING_DAYS - 2)})
    assert code == 1
    assert said.startswith(f"{key} ends within 30 days: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [("", "shop/origin/tls has no ORIGIN_PULL_CA\n"), ("x", "shop/origin/tls: ORIGIN_PULL_CA is no certificate\n")],
)
def test_what_is_no_certificate_fails_too(tmp_path: Path, value: str, said: str) -> None:
    code, stderr = look(tmp_path, ORIGIN_PULL_CA=value)
    assert (code, stderr.endswith(said)) == (1, True)


def test_unit_runs_the_script_for_the_secret_and_is_started_by_its_timer() -> None:
    files = {file.path: file for file in expiry_files("shop/origin/tls")}
    assert files["/usr/local/sbin/certificate-expiry"].permissions == "0755"
    service = files["/etc/systemd/system/certificate-expiry.service"].content
    assert "ExecStart=/usr/local/sbin/certificate-expiry shop/origin/tls 30\n" in service
    assert f"/etc/systemd/system/{TIMER}" in files
