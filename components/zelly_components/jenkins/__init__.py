"""Parts of a Jenkins controller and its agents that are no components of their own."""
