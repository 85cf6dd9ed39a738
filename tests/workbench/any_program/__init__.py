"""Small programs without a contract, each of another kind, and what the tools make of them."""
