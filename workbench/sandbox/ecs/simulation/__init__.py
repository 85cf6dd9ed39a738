"""ECS's scheduler, which moto does not have: tasks that start, fail and stop, and deployments that follow from them.

Nothing runs in the background. Whoever looks makes it happen: what should have come about since somebody looked last is
worked out, moment by moment, from what the task definitions, the registry and the secrets held at those moments.
"""
