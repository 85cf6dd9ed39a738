"""ECS's limits on deployments that shift traffic (API Reference, ``DeploymentConfiguration`` and the types in it)."""

LONGEST_BAKE_MINUTES = 1440
LONGEST_PAUSE_MINUTES = 20160
CANARY_PERCENT = (0.1, 100.0)
STEP_PERCENT = (3.0, 100.0)

ALARM_PERIODS = 3
"""The minutes that the alarms of a deployment look at, so that a bake of fewer ends before any of them can ring. No
limit of ECS's, which takes 0."""
