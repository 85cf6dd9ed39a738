"""The embedded AWS's S3."""
