"""The length of the name that a certificate is asked for."""

LONGEST_CERTIFIED_NAME = 64
"""Characters of a certificate's first name ("RequestCertificate", ACM API reference)."""
