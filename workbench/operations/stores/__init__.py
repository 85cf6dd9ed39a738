"""Restoring the stores: what there is to restore, and a copy beside the live one.

Nothing here touches what is live. Each operation makes something new, named after the moment that it holds, so that
the same command run again finds it and goes on. Taking it over is the operator's, by hand: ``docs/recovery.md``.
"""
