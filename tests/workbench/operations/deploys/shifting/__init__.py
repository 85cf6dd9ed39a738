"""Deployments that shift traffic."""
