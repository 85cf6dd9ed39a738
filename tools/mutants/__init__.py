"""The mutation tester: puts faults in, and counts those that the tests notice."""
