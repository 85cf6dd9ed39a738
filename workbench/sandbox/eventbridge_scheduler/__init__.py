"""The sandbox's EventBridge Scheduler."""
