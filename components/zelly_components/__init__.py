"""Importable building blocks for AWS, as Pulumi component resources. They know nothing of the platform they serve."""

__version__ = "0.1.0"
