"""The price table, refreshed from the AWS Price List."""
