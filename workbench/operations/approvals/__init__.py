"""Approvals of promotions: asked for, given or refused, used once, and recorded."""
