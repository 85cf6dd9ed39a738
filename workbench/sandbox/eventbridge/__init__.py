"""The sandbox's EventBridge."""
