"""Notifications of a pipeline's builds: to Slack, to a board on Monday, to Sentry. None of them fails a build."""
