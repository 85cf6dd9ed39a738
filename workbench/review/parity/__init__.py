"""Parity of two stacks of one program: what differs between them, and which of it may."""
