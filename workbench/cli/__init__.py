"""The command line ``zelly``, one module per noun. What is slow to import is imported by the functions that need it."""
