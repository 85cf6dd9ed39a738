"""The address ranges that Cloudflare connects to origins from, as https://www.cloudflare.com/ips lists them.

Cloudflare changes the list rarely and announces it. ``doctor`` compares this table with what Cloudflare's API answers
(``GET /ips``, without a token).
"""

from datetime import date

AS_OF = date(2026, 11, 30)
"""The day on which the table was written down."""

IPV4_RANGES = (
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "108.162.192.0/18",
    "131.0.72.0/22",
    "141.101.64.0/18",
    "162.158.0.0/15",
    "172.64.0.0/13",
    "173.245.48.0/20",
    "188.114.96.0/20",
    "190.93.240.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
)

IPV6_RANGES = (
    "2400:cb00::/32",
    "2405:8100::/32",
    "2405:b500::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
)
