"""The folder that an adoption is carried out from: the import file, the edits, the commands to type."""
