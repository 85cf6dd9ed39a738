"""The authorities that sign the certificates of RDS's databases, as a file on a client's host."""

CA_BUNDLE_URL = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
"""Those of every region ("Using SSL/TLS to encrypt a connection to a DB instance", RDS User Guide). No operating system
has them."""
CA_BUNDLE_PATH = "/etc/ssl/certs/rds-global-bundle.pem"
"""The file that holds them; connection strings name it."""
