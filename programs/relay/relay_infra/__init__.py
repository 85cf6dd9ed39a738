"""The Relay platform: its services as data, its config, and the components that it composes."""
