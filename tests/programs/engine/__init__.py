"""The programs below programs/ on the real engine."""
