#!/usr/bin/python3
"""The database of practice migrations: remembers what was applied, over HTTP on the loopback address.

Answers whoever shows the right secret: the hash of DATABASE_URL. A migration with "broken" in its name fails.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = 5432
APPLIED: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """Answers ``/status`` and ``/deploy``."""

    def do_GET(self) -> None:
        """Answer what the migration tool asks."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        status, body = 200, {"applied": APPLIED, "failed": list[str]()}
        if query.get("secret") != [sys.argv[1]]:
            status, body = 403, {"error": ["wrong secret"]}
        elif url.path == "/deploy":
            for name in query.get("name", []):
                if "broken" in name:
                    status, body = 500, {"error": [f"P3018 {name} failed"]}
                    break
                if name not in APPLIED:
                    APPLIED.append(name)
        content = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class' own name)
        """Log nothing."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
