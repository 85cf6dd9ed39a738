"""Parts that all commands share: the program, the stack, the console, confirmation, errors."""
