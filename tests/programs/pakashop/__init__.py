"""Tests of Pakashop: its config, its catalog and what is made of them."""
