"""Parts of components that keep data in S3."""
