"""The names of the files in the folder of an adoption."""

IMPORT_FILE = "import.json"
DEFAULTS_FILE = "defaults.json"
PLAN_FILE = "expected.json"
REMOVED_FILE = "removed.tf"
STATE_RM_FILE = "state-rm.txt"
README_FILE = "README.md"

REST_FILE = "rest.json"
EXPORTED_FILE = "exported.json"
EDITED_FILE = "edited.json"
"""Written by the commands of the README, not by `adopt` itself."""
