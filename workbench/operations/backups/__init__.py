"""The dumps of a database that a host makes: which there are, and what is asked of the host."""
