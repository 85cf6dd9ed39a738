"""The configuration that the host fetches, and nginx before the gateway: taken up, refused, cut off.

The tests share the machine, in this order. Of the services the gateway alone runs, and what it waits for.
"""

import json
from collections.abc import Iterator

import pytest

from tests.machines.machine import wait_for
from tests.machines.services.artefacts import ReleaseFiles, build_release
from tests.machines.services.authorities import Origin
from tests.machines.services.host import (
    APPLY,
    LANGUAGES,
    NGINX_APPLY,
    PLATFORM,
    ServiceMachine,
    unit,
)
from zelly_components.hosts.services.paths import NGINX_CONFIGURATION_PORT

SITE = "/etc/host/nginx/nginx.conf"
TRUSTED = "173.245.48.7"
"""An address of Cloudflare's (https://www.cloudflare.com/ips-v4)."""


@pytest.fixture(scope="module", autouse=True)
def gateway(host: ServiceMachine) -> ReleaseFiles:
    """A release of the gateway."""
    release = build_release(PLATFORM, {name: LANGUAGES[name] for name in ("config", "gateway")})
    host.install(release)
    return release


@pytest.fixture
def stack(host: ServiceMachine) -> Iterator[None]:
    """Give the host the stack's own configuration again."""
    yield
    host.wants(host.host.configuration)
    assert host.apply() == "success"


def test_every_file_is_there_as_the_configuration_says(host: ServiceMachine) -> None:
    for path, file in host.host.configuration["files"].items():
        found = host.machine.root / path[1:]
        assert found.read_text(encoding="utf-8") == file["content"], path
        assert f"0{found.stat().st_mode & 0o777:o}" == file["mode"], path
        assert found.stat().st_uid == 0, path
    installed = (host.machine.root / "machine/packages").read_text(encoding="utf-8").split()
    assert set(host.host.configuration["packages"]) <= set(installed)


def test_second_run_changes_nothing(host: ServiceMachine) -> None:
    files = host.machine.files()
    host.machine.calls()
    assert host.apply() == "success"
    assert host.apply_nginx() == "success"
    assert host.machine.files() == files
    # The object is not fetched again: its hash is known. A timer may run one of the two once more meanwhile.
    assert {*host.machine.commands("aws", "dnf")} == {
        f"aws secretsmanager get-secret-value --secret-id {PLATFORM}/origin/tls --query SecretString --output text",
        f"aws ssm get-parameter --name {host.host.parameter_name} --query Parameter.Value --output text",
    }


def test_nobody_is_answered_without_the_zones_own_certificate(host: ServiceMachine) -> None:
    """PF11: that a request comes from Cloudflare's addresses does not say whose it is."""
    names = Origin.names()
    assert host.ask("/health")[0] == 200
    status, page = host.ask("/health", client=False)
    assert (status, "No required SSL certificate was sent" in page) == (400, True)
    stranger = ("--cert", names.stranger, "--key", names.stranger_key)
    status, page = host.ask("/health", *stranger, client=False)
    assert (status, "The SSL certificate error" in page) == (400, True)
    plain = host.machine.run("curl", "--silent", "--max-time", "5", "http://127.0.0.1:80/", check=False)
    assert plain.returncode == 7, "nothing listens without TLS"
    old = host.ask("/health", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0")
    assert old[0] == 0


def test_services_are_told_the_clients_own_address_by_cloudflare_alone(host: ServiceMachine) -> None:
    host.machine.run("ip", "address", "add", f"{TRUSTED}/32", "dev", "lo")
    said = ("--header", "CF-Connecting-IP: 203.0.113.9", "--header", "X-Forwarded-For: 198.51.100.1")
    status, body = host.ask("/headers", "--interface", TRUSTED, *said)
    headers = json.loads(body)
    assert status == 200
    assert (headers["x-forwarded-for"], headers["x-real-ip"]) == ("203.0.113.9", "203.0.113.9")
    assert (headers["x-forwarded-proto"], headers["host"]) == ("https", "api.pakashop.store")
    headers = json.loads(host.ask("/headers", *said)[1])
    assert (headers["x-forwarded-for"], headers["x-real-ip"]) == ("127.0.0.1", "127.0.0.1")
    host.machine.run("ip", "address", "delete", f"{TRUSTED}/32", "dev", "lo")


@pytest.mark.usefixtures("stack")
def test_changed_site_is_taken_up_without_a_lost_request(host: ServiceMachine) -> None:
    before, running = host.nginx_configuration(), host.machine.show("nginx.service", "MainPID")
    host.wants(host.changed(SITE, host.site().replace("client_max_body_size 10m", "client_max_body_size 11m")))
    with host.load("https://api.pakashop.store/health") as statuses:
        assert host.apply() == "success"
    assert [set(answers) for answers in statuses.values()] == [{"200"}]
    assert host.nginx_configuration() not in {before, ""}
    assert host.machine.show("nginx.service", "MainPID") == running


@pytest.mark.usefixtures("stack")
def test_broken_site_is_refused_and_the_old_one_goes_on(host: ServiceMachine) -> None:
    """PF26."""
    before = host.nginx_configuration()
    host.wants(host.changed(SITE, host.site().replace("proxy_pass", "proxy_pas")))
    assert host.apply() == "exit-code"
    assert 'unknown directive "proxy_pas"' in "\n".join(host.machine.journal(NGINX_APPLY))
    assert host.machine.journal(NGINX_APPLY)[-1] == (
        "nginx refuses the new site or its certificates; the old ones go on"
    )
    assert host.machine.journal(APPLY)[-1] == "failed with status 1: systemctl start nginx-apply.service"
    assert host.failed() == [APPLY, NGINX_APPLY]
    assert (host.nginx_configuration(), host.ask("/health")[0]) == (before, 200)
    # A restart by hand finds the old one, too.
    host.machine.run("systemctl", "restart", "nginx.service")
    assert wait_for(host.nginx_configuration, "nginx") == before


@pytest.mark.usefixtures("stack")
def test_reload_that_nginx_passes_over_without_a_word_is_noticed(host: ServiceMachine) -> None:
    """PF26: the file is right, and the port is taken, which ``nginx -t`` does not look at."""
    before = host.nginx_configuration()
    port = f"listen 127.0.0.1:{NGINX_CONFIGURATION_PORT};"
    host.wants(host.changed(SITE, host.site().replace(port, f"{port} listen 127.0.0.1:8000;")))
    assert host.apply() == "exit-code"
    assert host.machine.journal(NGINX_APPLY)[-1].endswith("the old one goes on")
    assert (host.nginx_configuration(), host.ask("/health")[0]) == (before, 200)
    assert host.machine.run("systemctl", "reload", "nginx.service").returncode == 0


def test_new_certificate_is_taken_up_and_half_a_secret_is_not(host: ServiceMachine) -> None:
    request = f"secretsmanager get-secret-value {PLATFORM}/origin/tls"
    before = host.nginx_configuration()
    host.machine.answer(request, json.dumps({"ORIGIN_CERTIFICATE": host.host.origin.secret["ORIGIN_CERTIFICATE"]}))
    assert host.apply_nginx() == "exit-code"
    assert host.machine.journal(NGINX_APPLY)[-1] == f"{PLATFORM}/origin/tls has no text under ORIGIN_PRIVATE_KEY"
    assert (host.nginx_configuration(), host.ask("/health")[0]) == (before, 200)
    host.machine.answer(request, host.host.origin.renewed())
    assert host.apply_nginx() == "success"
    # A worker with the earlier configuration may take a request until it has heard of the new one.
    wait_for(lambda: host.nginx_configuration() != before, "every worker of nginx to have the certificate")
    assert host.ask("/health")[0] == 200


@pytest.mark.usefixtures("stack")
def test_object_with_another_hash_is_refused(host: ServiceMachine) -> None:
    configuration = host.changed("/etc/host/new", "new\n")
    host.wants(configuration, written=json.dumps({**configuration, "packages": ["netcat"]}).encode())
    assert host.apply() == "exit-code"
    assert ": its sha256 is " in host.machine.journal(APPLY)[-1]
    assert not (host.machine.root / "etc/host/new").exists()


@pytest.mark.usefixtures("stack")
def test_file_outside_of_the_hosts_places_is_refused(host: ServiceMachine) -> None:
    host.wants(host.changed("/etc/../root/.ssh/authorized_keys", "ssh-ed25519 AAAA\n"))
    assert host.apply() == "exit-code"
    assert host.machine.journal(APPLY)[-1].endswith("a path below /etc or /usr/local/sbin is allowed")


def test_file_that_is_no_more_wanted_goes_and_what_others_wrote_stays(host: ServiceMachine) -> None:
    host.wants(host.changed("/etc/host/new", "new\n", mode="0600"))
    assert host.apply() == "success"
    assert (host.machine.root / "etc/host/new").stat().st_mode & 0o777 == 0o600
    (host.machine.root / "etc/host/other").write_text("by hand\n", encoding="utf-8")
    host.wants(host.host.configuration)
    assert host.apply() == "success"
    assert not (host.machine.root / "etc/host/new").exists()
    assert (host.machine.root / "etc/host/other").exists()
    # What the agent wrote beside the units is not the configuration's.
    assert host.state("gateway").active == "active"


def test_changed_unit_reaches_systemd_and_restarts_nothing(host: ServiceMachine) -> None:
    path = f"/etc/systemd/system/{unit('gateway')}"
    before = host.processes()
    text = host.host.configuration["files"][path]["content"]
    host.wants(host.changed(path, text.replace("TimeoutStopSec=25", "TimeoutStopSec=26")))
    assert host.apply() == "success"
    assert host.machine.show(unit("gateway"), "TimeoutStopUSec") == "26s"
    assert host.processes() == before
    host.wants(host.host.configuration)
    assert host.apply() == "success"


@pytest.mark.usefixtures("stack")
def test_full_disk_leaves_every_file_whole(host: ServiceMachine) -> None:
    path = "/etc/host/large"
    host.wants(host.changed(path, "x" * 3_000_000))
    # Room for the object, and not for the file that is in it.
    host.machine.resize_disk(room=4_000_000)
    try:
        assert host.apply() == "exit-code"
        assert host.machine.journal(APPLY)[-1] == (f"{path}: No space left on device; what was there is as it was")
        assert not (host.machine.root / path[1:]).exists()
        assert host.ask("/health")[0] == 200
    finally:
        host.machine.resize_disk(room=None)
    assert host.apply() == "success"
    assert (host.machine.root / path[1:]).stat().st_size == 3_000_000


def test_run_that_lost_its_power_is_made_up_for(host: ServiceMachine) -> None:
    path = f"/etc/sysusers.d/{PLATFORM}-new.conf"
    cut = host.machine.hang_after("systemd-sysusers")
    host.wants(host.changed(path, 'u newcomer - "newcomer" / /usr/sbin/nologin\n'))
    host.machine.run("systemctl", "start", "--no-block", APPLY)
    cut()
    # Lost, as if it had been on its way: the files are there, and were not read.
    for name in ("passwd", "group", "shadow"):
        file = host.machine.root / "etc" / name
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith("newcomer:")), encoding="utf-8")
    assert host.boot() == "success"
    assert host.machine.run("id", "newcomer").returncode == 0
    assert host.failed() == []
    wait_for(lambda: host.ask("/health")[0] == 200, "the gateway")
