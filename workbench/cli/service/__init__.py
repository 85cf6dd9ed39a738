"""``service``: deploys, tasks and logs."""
