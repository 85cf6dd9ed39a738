"""The embedded AWS's Service Quotas."""
