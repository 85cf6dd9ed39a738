"""Deployments that shift traffic: blue/green, canary and linear ones."""
