"""The architecture as a picture: where each box stands, how the wires run, and how both are written down."""
