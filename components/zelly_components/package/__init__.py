"""The components as a Pulumi package: their schema, and the provider that constructs them for any language."""
