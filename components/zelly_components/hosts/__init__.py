"""Helpers of the hosts: boot documents, scripts and configuration files."""
