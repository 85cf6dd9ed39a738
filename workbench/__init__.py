"""Tools for any Pulumi program of this repository: evaluation, review, an embedded AWS, operations, a command line."""
