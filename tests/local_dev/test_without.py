"""One service outside of Docker, on the developer's machine itself: everybody else reaches it there."""

from dataclasses import replace

from tests.local_dev.model import Service
from tests.local_dev.platform import Platform
from tests.local_dev.rules import State
from tests.local_dev.runner import Event
from tests.zelly_infra.stack_files import ROOT
from workbench.operations.local_dev.environment_files import write_for_host
from zelly_infra.local_dev.platform import local_platform

API = "https://api.zelly.localhost"
MERCHANT = "papaya.stores.zelly.localhost"


def without(services: dict[str, Service], name: str) -> dict[str, Service]:
    """Return the services that are left with a scale of 0 for one: compose lets nobody wait for it then."""
    return {
        other: replace(
            service,
            waits_for={waited: condition for waited, condition in service.waits_for.items() if waited != name},
        )
        for other, service in services.items()
        if other != name
    }


def test_service_outside_is_reached_by_the_proxy_and_reaches_the_stores(platform: Platform) -> None:
    seen = len(platform.runner.events)
    application = local_platform(ROOT).application("fastify-nova")
    services = platform.resolved({application.upstream_variable: application.upstream_on_host})
    assert platform.change(without(services, "fastify-nova")) == {}
    # Whom its address is told, and nobody else.
    assert platform.runner.events[seen:] == [Event("caddy", State.STARTING), Event("caddy", State.HEALTHY)]
    nobody = platform.ask(API)
    assert (nobody.status, nobody.body.startswith("502 from host.docker.internal:3000: ")) == (502, True)

    # It says that it is ready after it has connected to MySQL and Redis, over TLS, at 127.0.0.1.
    with platform.on_host("fastify-nova", write_for_host(application, platform.folder)):
        assert platform.ask(API).body == "fastify-nova"
        assert platform.ask(f"{API}/events", body="an event").status == 200
        # The question about certificates goes there, too.
        assert platform.ask(f"https://{MERCHANT}/").status == 0
        platform.ask(f"{API}/merchants", body=MERCHANT)
        assert platform.ask(f"https://{MERCHANT}/").body == "astro"
