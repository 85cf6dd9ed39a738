"""The status screen: facts that are read, and a row for each part."""
