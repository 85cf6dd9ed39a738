import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelly_components.naming import name_prefix, physical_name

names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=80)


@given(name=names, limit=st.integers(min_value=9, max_value=64))
def test_name_never_exceeds_its_limit(name: str, limit: int) -> None:
    assert len(physical_name(name, limit=limit)) <= limit


@given(name=names)
def test_name_that_fits_is_kept(name: str) -> None:
    assert physical_name(name, limit=len(name) + 9) == name


@given(one=names, other=names)
def test_cut_names_stay_apart(one: str, other: str) -> None:
    long_one, long_other = ("shop-production-" + name + "x" * 64 for name in (one, other))
    assert (physical_name(long_one, limit=32) == physical_name(long_other, limit=32)) == (one == other)


def test_cut_name_is_the_same_in_every_run() -> None:
    assert physical_name("shop-production-a-very-long-service-name", limit=32) == "shop-production-a-very-l-83a8d84"


def test_limit_without_room_for_the_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="limit: 8; a physical name needs at least 9 characters"):
        physical_name("shop", limit=8)


def test_prefix_ends_in_a_hyphen_within_its_limit() -> None:
    assert [name_prefix(name, limit=6) for name in ("shop-production", "ab", "abcd-e")] == ["shop-", "ab-", "abcd-"]


def test_name_of_exactly_its_limit_is_kept_and_the_shortest_limit_is_taken() -> None:
    assert physical_name("abcdefghi", limit=9) == "abcdefghi"
    assert physical_name("abcdefghij", limit=9) == "a-7239936"
