"""The sandbox's S3."""
