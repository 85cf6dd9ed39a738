"""The plan as one self-contained page, for a browser without a network."""

from zelly_infra.review.page.render import render
from zelly_infra.review.page.section import Section

__all__ = ["Section", "render"]
