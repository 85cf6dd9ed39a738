"""The difference of two plans, and its views."""
