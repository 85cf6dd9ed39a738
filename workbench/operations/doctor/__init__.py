"""The checks of ``doctor``: steps that are still to do, and invariants that have to hold."""
