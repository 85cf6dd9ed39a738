"""One clocked AWS with a network and a balancer for all deployments of a module."""

from tests.workbench.sandbox.ecs.conftest import balancer, clock, clocked_network

__all__ = ["balancer", "clock", "clocked_network"]
