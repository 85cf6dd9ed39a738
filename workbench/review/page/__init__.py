"""The plan as one self-contained page, for a browser without a network."""

from workbench.review.page.render import render
from workbench.review.page.section import Section

__all__ = ["Section", "render"]
