"""Pakashop: nineteen services under systemd on EC2, with PostgreSQL, Meilisearch, Redis and Cloudflare."""
