"""Docker's own words, read."""

import pytest

from workbench.operations.local_dev.docker import ContainerState, DockerFacts

FACTS = {"program": "docker", "engine": "28.2.2", "compose": "2.40.3"}


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, ()),
        ({"engine": "25.0.0", "compose": "v2.24.1-desktop.1"}, ()),
        ({"compose": "dev"}, ()),
        ({"compose": "2.24.0"}, ("install compose 2.24.1 or later (package docker-compose-plugin)",)),
        ({"engine": None, "complaint": "Permission denied"}, ("sudo usermod -aG docker $USER, and log in again",)),
        ({"engine": None, "complaint": "Is the docker daemon running?"}, ("start Docker",)),
    ],
)
def test_each_problem_has_its_next_step(changed: dict[str, str | None], problems: tuple[str, ...]) -> None:
    facts = DockerFacts(**{**FACTS, **changed})  # pyright: ignore[reportArgumentType]
    assert tuple(then for _, then in facts.problems) == problems


@pytest.mark.parametrize(
    ("state", "words", "is_well"),
    [
        (ContainerState(service="a", state="running"), "running", True),
        (ContainerState(service="a", state="running", health="starting"), "running, starting", False),
        (ContainerState(service="a", state="exited"), "exited", True),
        (ContainerState(service="a", state="exited", exit_code=137), "exited, exit code 137", False),
        (ContainerState(service="a", state="created"), "created", False),
    ],
)
def test_state_in_words(state: ContainerState, words: str, is_well: bool) -> None:
    assert (state.words, state.is_well) == (words, is_well)
