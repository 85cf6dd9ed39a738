"""The command line: a module for each noun or verb, imported when it is typed."""
