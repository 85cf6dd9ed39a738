"""Commands that only Zelly has."""
