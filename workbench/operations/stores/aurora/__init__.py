"""Clusters of Aurora MySQL."""
