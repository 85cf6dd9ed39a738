"""The status screen: the facts about an environment, and a row for each part."""
