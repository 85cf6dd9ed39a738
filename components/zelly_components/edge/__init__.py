"""Parts of the edge: Cloudflare's resources, its rules, its published ranges, and certificates."""
