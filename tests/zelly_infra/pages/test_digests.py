"""Digests that README and the day show are those of the images that their commands put into the registry."""

import re

import pytest

from tests.zelly_infra.evaluations import config_of
from tests.zelly_infra.stack_files import ROOT
from workbench.sandbox.ecr.images import WORKING, sandbox_image

_SHOWN = re.compile(r"(staging-[0-9a-f]{8}) \((sha256:[0-9a-f]+)\)")


@pytest.mark.parametrize("page", ["README.md", "docs/day.md"])
def test_digest_is_that_of_the_tag(page: str) -> None:
    shown = set(_SHOWN.findall((ROOT / page).read_text(encoding="utf-8")))
    architecture = config_of("staging").services["fastify-nova"].architecture
    wrong = {
        (tag, digest): made
        for tag, digest in shown
        if not (made := sandbox_image(tag, WORKING, architecture).digest).startswith(digest)
    }
    assert shown
    assert wrong == {}
