"""The sandbox's Service Quotas."""
