"""Pakashop on the real engine."""
