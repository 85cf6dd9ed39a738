"""Service deployments: their records, and the shifts of traffic that some of them make."""
