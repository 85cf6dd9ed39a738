"""The platform's own pages, read off the catalog and the stack files: services, variables, queues, schemas, calls."""
