"""Alarms and the dashboard: pure functions and their parts."""
