"""The sandbox's Cloudflare."""
