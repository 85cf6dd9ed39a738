"""Helpers of the hosts: what they boot with."""
