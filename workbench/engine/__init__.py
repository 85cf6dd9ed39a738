"""The real Pulumi engine, with providers that make everything in the embedded AWS."""
