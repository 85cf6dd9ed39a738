"""ECS's scheduler, which moto does not have: tasks that start, fail and stop, and deployments that follow from them.

Nothing runs in the background. A request that looks at ECS first carries out, moment by moment, everything that was due
since the last look, by what the task definitions, the registry and the secrets held at those moments.
"""
