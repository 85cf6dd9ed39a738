"""One narrow wrapper per AWS service: only the calls that are used, dataclasses out, errors in words."""
