"""Deploys of ECS services: planned, checked, carried out, watched and recorded."""
