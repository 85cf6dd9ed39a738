"""ClickHouse on hosts of EC2."""
