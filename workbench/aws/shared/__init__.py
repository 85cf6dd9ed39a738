"""Connections, errors and tags, which all wrappers share."""
