"""Tests of what tells how two stacks of one program differ."""
