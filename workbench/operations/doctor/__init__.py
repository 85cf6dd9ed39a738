"""The checks of ``doctor``: the steps of setting up, and invariants."""
