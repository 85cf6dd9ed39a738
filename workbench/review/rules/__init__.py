"""The rules that every plan is held against, and the exceptions from them."""
