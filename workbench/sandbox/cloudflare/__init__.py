"""The embedded AWS's Cloudflare."""
