"""The embedded AWS's Elastic Load Balancing."""
