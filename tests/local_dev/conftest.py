"""The platform, started once for all tests."""
