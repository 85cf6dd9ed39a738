"""What AWS changes of a running environment by itself, or is about to."""
