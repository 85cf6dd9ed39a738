"""``secrets``: the secrets of the services. No value is ever shown."""
