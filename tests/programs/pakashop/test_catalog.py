"""The order that the catalog's dependencies give."""

import pytest

from pakashop_infra import catalog
from pakashop_infra.catalog import Language, Service, waves


def _service(name: str, *after: str) -> Service:
    return Service(name=name, port=1, language=Language.GO, after=after, stores=frozenset())


def test_a_wave_holds_all_whose_dependencies_are_done() -> None:
    services = [_service("web", "api", "rates"), _service("rates"), _service("api", "rates"), _service("jobs", "rates")]
    assert waves(services) == (("rates",), ("api", "jobs"), ("web",))


@pytest.mark.parametrize("services", [[_service("a", "b"), _service("b", "a")], [_service("a", "gone")]])
def test_what_can_never_start_is_refused(services: list[Service]) -> None:
    with pytest.raises(ValueError, match="wait for one another, or for one that is not there: a"):
        waves(services)


def test_no_two_services_share_a_port() -> None:
    ports = [each.port for each in catalog.SERVICES]
    assert len({*ports}) == len(ports)


def test_only_the_scheduler_must_not_run_twice() -> None:
    assert [each.name for each in catalog.SERVICES if not each.overlaps] == ["scheduler"]
