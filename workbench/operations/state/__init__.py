"""The place of Pulumi's state: bucket, key, locks, outputs."""
