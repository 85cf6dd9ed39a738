"""Parts that every command shares: the stack, the console, confirmation, errors."""
