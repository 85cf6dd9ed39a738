"""Commands on releases to hosts."""
