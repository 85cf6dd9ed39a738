"""The engine for tests that run it."""

from tests.support.engine.running import engine

__all__ = ["engine"]
