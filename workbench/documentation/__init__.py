"""What of the documentation is generated: ``python -m workbench.documentation`` writes all of it (``make docs``)."""
