"""What of the documentation is generated: ``python -m zelly_infra.documentation`` writes all of it (``make docs``)."""
