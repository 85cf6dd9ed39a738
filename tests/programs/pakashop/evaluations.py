"""Both stacks, evaluated once for all tests of a process, or with values changed."""

from pakashop_infra.program import PROGRAM
from tests.programs.project import Project

_PROJECT = Project(program=PROGRAM)

ROOT = _PROJECT.root
STACKS = ("live", "staging")
config_of = _PROJECT.config_of
evaluation_of = _PROJECT.evaluation_of
evaluated = _PROJECT.evaluated
stack_file_with = _PROJECT.stack_file_with
evaluation_with = _PROJECT.evaluation_with
