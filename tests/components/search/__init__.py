"""The programs of a search host, with a stand-in for Meilisearch."""
