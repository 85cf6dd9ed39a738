"""The embedded AWS: moto behind HTTP on the loopback address, and a backend that makes every resource in it."""
