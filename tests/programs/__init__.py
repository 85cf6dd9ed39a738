"""Tests of the programs below ``programs/``: a folder for each."""
