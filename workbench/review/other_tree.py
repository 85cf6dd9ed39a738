"""Evaluation of the program of another tree: ``python other_tree.py TREE MODULE STACK…`` prints plans as JSON.

MODULE holds the program's contract, and ``-`` stands for a program without one. The program, its configuration's models
and its components are the tree's. What evaluates them is this tree's, lent to the other one: then a tree of before this
module existed can be evaluated too, and a change of the evaluation never looks like a change of the infrastructure. A
process of its own, since one interpreter holds one package of a name.

It prints a line for each stack: an object with an exit code, and the plan where that is 0. With 1 the program cannot be
planned and with 2 the stack's configuration has mistakes; then there are lines that say so.
"""

import gc
import importlib
import importlib.util
import json
import sys
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import Any

_OWN_TREE = Path(__file__).resolve().parents[2]
_PACKAGE = "workbench"
_LENT_ROOMS = ("evaluate", "providers", "review")
_LENT_MODULES = ("counting", "placeholders", "words")
"""The modules that the rooms import and older trees do not have."""

WITHOUT_CONTRACT = "-"


def plan_of_tree(tree: Path, module: str, stack: str) -> dict[str, Any]:
    """Return the plan of a stack of the project in ``tree``, as ``plan --json`` prints it."""
    load_sdk_on_demand = importlib.import_module("workbench.evaluate.sdk_on_demand").load_sdk_on_demand
    document = importlib.import_module("workbench.review.plan_document").document
    load_sdk_on_demand()
    evaluate_stack = importlib.import_module("workbench.evaluate.program").evaluate_stack
    if module == WITHOUT_CONTRACT:
        file = importlib.import_module("workbench.config.plain_stack_file").read_plain_stack_file(stack, tree)
        main, name, region = file.project.main, file.project.name, file.region
        any_program = importlib.import_module("workbench.evaluate.any_program")
        surroundings = any_program.as_pulumi_runs_it(main, stack, file.project.virtual_environment)
    else:
        file, name = _read(tree, module, stack)
        main, region, surroundings = tree / "__main__.py", file.environment.region, nullcontext()
    with surroundings:
        evaluation = evaluate_stack(main, project=name, stack=stack, config=file.config, secret_keys=file.secret_keys)
    return document(evaluation, region).as_json()


def _read(tree: Path, module: str, stack: str) -> tuple[Any, str]:
    """Return a stack's file, and the name of the project."""
    stack_file: Any
    if _has_workbench(tree):
        stack_file = importlib.import_module("workbench.config.stack_file")
        program: Any = importlib.import_module(module).PROGRAM
        return stack_file.read_stack_file(program, stack, tree), program.name
    stack_file = importlib.import_module(f"{_former_package(module)}.stack_file")
    return stack_file.read_stack_file(stack, tree), stack_file.PROJECT


def _former_package(module: str) -> str:
    """Return the package that held the tools too, before there was a workbench."""
    return module.partition(".")[0]


def lend(tree: Path) -> None:
    """Let this process import everything from ``tree``, and what evaluates from this module's tree."""
    own = {_OWN_TREE, _OWN_TREE / "components", Path(__file__).resolve().parent}
    folders = [str(tree), str(tree / "components")]
    sys.path[:] = [*folders, *(entry for entry in sys.path if Path(entry).resolve() not in own)]
    if not _has_workbench(tree):
        _lend_package(_PACKAGE)
        return
    importlib.import_module(_PACKAGE)
    for name in _LENT_MODULES:
        _lend(f"{_PACKAGE}.{name}", _OWN_TREE / _PACKAGE / f"{name}.py")
    for name in _LENT_ROOMS:
        _lend_package(f"{_PACKAGE}.{name}")


def _lend_package(name: str) -> None:
    folder = _OWN_TREE.joinpath(*name.split("."))
    _lend(name, folder / "__init__.py", search=[str(folder)])


def _lend(name: str, file: Path, *, search: list[str] | None = None) -> None:
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=search)
    assert spec is not None  # noqa: S101 (a file that is there has one, and a loader)
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


def _has_workbench(tree: Path) -> bool:
    return (tree / _PACKAGE).is_dir()


def answer(tree: Path, module: str, stack: str) -> dict[str, Any]:
    """Return what is printed of a stack."""
    former = module != WITHOUT_CONTRACT and not _has_workbench(tree)
    failed: Any = importlib.import_module("workbench.evaluate").EvaluationError
    mistaken: Any = importlib.import_module(
        f"{_former_package(module)}.errors" if former else "workbench.errors"
    ).OperatorError
    try:
        return {"stack": stack, "exit_code": 0, "plan": plan_of_tree(tree, module, stack)}
    except mistaken as error:
        return {"stack": stack, "exit_code": 2, "lines": f"{error}".splitlines()}
    except failed as error:
        lines = [f"{failure.type} {failure.name}: {failure.error}" for failure in error.failures]
        return {"stack": stack, "exit_code": 1, "lines": lines}
    except Exception:
        return {"stack": stack, "exit_code": 1, "lines": traceback.format_exc().splitlines()}


def main() -> None:
    """Print the plans of the tree and the stacks that the command line names."""
    gc.disable()
    tree, module, stacks = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    if module == WITHOUT_CONTRACT:
        # The folder of this module holds names that a program may have too.
        sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    else:
        lend(tree)
    for stack in stacks:
        sys.stdout.write(json.dumps(answer(tree, module, stack)) + "\n")
    gc.freeze()


if __name__ == "__main__":
    main()
