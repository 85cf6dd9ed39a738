"""Importable building blocks for AWS, as Pulumi component resources. They know nothing of the platform they serve."""
