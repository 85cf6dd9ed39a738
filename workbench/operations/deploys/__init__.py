"""Deploys of ECS services: which image, into which containers, planned, checked, watched and recorded."""
