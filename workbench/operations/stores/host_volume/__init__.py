"""Stores on hosts of EC2, each with its data on a volume that is snapshotted daily."""
