"""The embedded AWS's EventBridge Scheduler."""
