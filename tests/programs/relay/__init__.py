"""Tests of Relay: its config, its catalog and what is made of them."""
