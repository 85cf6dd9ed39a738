"""The service host from its first boot on: nineteen units with programs in their own languages under real systemd."""
