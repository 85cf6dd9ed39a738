"""Reading stack files of a program with a contract."""
