"""The platform on a developer's machine: what Zelly tells the workbench of it."""
