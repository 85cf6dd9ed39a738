"""Alert channels: who hears of what, and a message to try them."""
