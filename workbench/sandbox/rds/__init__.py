"""The sandbox's RDS."""
