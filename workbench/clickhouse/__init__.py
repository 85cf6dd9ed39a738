"""ClickHouse over HTTP: its statements told apart, and applied once each."""
