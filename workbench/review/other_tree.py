"""Evaluation of a program of another tree: ``python other_tree.py TREE PROJECT MODULE STACK…`` prints plans as JSON.

PROJECT is the project's folder in the tree. MODULE holds the program's contract, and ``-`` stands for a program without
one. The program, its configuration's models and its components are the tree's, as far as the tree holds them. What
evaluates them is this tree's, lent to the other one: then a tree of before this module existed can be evaluated too,
and a change of the evaluation never looks like a change of the infrastructure. A process of its own, since one
interpreter holds one package of a name.

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


def plan_of(project: Path, module: str, stack: str, *, former: bool) -> dict[str, Any]:
    """Return the plan of a stack of the project in a folder, as ``plan --json`` prints it."""
    load_sdk_on_demand = importlib.import_module("workbench.evaluate.sdk_on_demand").load_sdk_on_demand
    document = importlib.import_module("workbench.review.plan_document").document
    load_sdk_on_demand()
    evaluate_stack = importlib.import_module("workbench.evaluate.program").evaluate_stack
    if module == WITHOUT_CONTRACT:
        file = importlib.import_module("workbench.config.plain_stack_file").read_plain_stack_file(stack, project)
        main, name, region = file.project.main, file.project.name, file.region
        any_program = importlib.import_module("workbench.evaluate.any_program")
        surroundings = any_program.as_pulumi_runs_it(main, stack, file.project.virtual_environment)
    else:
        file, name = _read(project, module, stack, former=former)
        main, region, surroundings = project / "__main__.py", file.environment.region, nullcontext()
    with surroundings:
        evaluation = evaluate_stack(main, project=name, stack=stack, config=file.config, secret_keys=file.secret_keys)
    return document(evaluation, region).as_json()


def _read(project: Path, module: str, stack: str, *, former: bool) -> tuple[Any, str]:
    """Return a stack's file, and the name of the project."""
    stack_file: Any
    if former:
        stack_file = importlib.import_module(f"{_former_package(module)}.stack_file")
        return stack_file.read_stack_file(stack, project), stack_file.PROJECT
    stack_file = importlib.import_module("workbench.config.stack_file")
    program: Any = importlib.import_module(module).PROGRAM
    return stack_file.read_stack_file(program, stack, project), program.name


def _former_package(module: str) -> str:
    """Return the package that held the tools too, before there was a workbench."""
    return module.partition(".")[0]


def lend(tree: Path, project: Path, *, former: bool) -> None:
    """Let this process import everything that ``tree`` holds from there, and what evaluates from this module's tree."""
    folders = [str(project), str(tree), str(tree / "components")]
    here, own = Path(__file__).resolve().parent, {_OWN_TREE, _OWN_TREE / "components"}
    others = [entry for entry in sys.path if Path(entry).resolve() != here]
    if former or _has_workbench(tree):
        # Where the tree has another version of a package, none of its modules is to come from here.
        others = [entry for entry in others if Path(entry).resolve() not in own]
    sys.path[:] = [*folders, *others]
    if former:
        _lend_package(_PACKAGE)
    elif _has_workbench(tree):
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


def _is_former(tree: Path, project: Path, module: str) -> bool:
    """Tell whether the tree is of before there was a workbench, when the program's own package held the tools."""
    contract = project.joinpath(*module.split(".")).with_suffix(".py")
    return module != WITHOUT_CONTRACT and not _has_workbench(tree) and not contract.is_file()


def answer(project: Path, module: str, stack: str, *, former: bool) -> dict[str, Any]:
    """Return what is printed of a stack."""
    failed: Any = importlib.import_module("workbench.evaluate").EvaluationError
    mistaken: Any = importlib.import_module(
        f"{_former_package(module)}.errors" if former else "workbench.errors"
    ).OperatorError
    try:
        return {"stack": stack, "exit_code": 0, "plan": plan_of(project, module, stack, former=former)}
    except mistaken as error:
        return {"stack": stack, "exit_code": 2, "lines": f"{error}".splitlines()}
    except failed as error:
        lines = [f"{failure.type} {failure.name}: {failure.error}" for failure in error.failures]
        return {"stack": stack, "exit_code": 1, "lines": lines}
    except Exception:
        return {"stack": stack, "exit_code": 1, "lines": traceback.format_exc().splitlines()}


def main() -> None:
    """Print the plans of the project and the stacks that the command line names."""
    gc.disable()
    tree, project, module = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3]
    former = _is_former(tree, project, module)
    if module == WITHOUT_CONTRACT:
        # The folder of this module holds names that a program may have too.
        sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).resolve().parent]
    else:
        lend(tree, project, former=former)
    for stack in sys.argv[4:]:
        sys.stdout.write(json.dumps(answer(project, module, stack, former=former)) + "\n")
    gc.freeze()


if __name__ == "__main__":
    main()
