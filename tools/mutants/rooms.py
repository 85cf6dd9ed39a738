"""The rooms that faults are put into, and the tests that should notice them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Room:
    """What faults are put into, and the tests that should notice them."""

    files: tuple[str, ...]
    """Patterns of paths."""
    tests: tuple[str, ...]


_PURE_HELPERS = (
    "alarms/alarm",
    "alarms/dashboard",
    "ecs/checks",
    "limits/fargate",
    "identity/iam",
    "limits/instance_type",
    "naming",
    "limits/running_hours",
    "network/subnets",
    "ecs/task_definition",
    "hosts/wireguard",
)


def _tests_in(*folders: str) -> tuple[str, ...]:
    """Return the test files of folders, without those of the folders in them."""
    return tuple(
        str(file.relative_to(_ROOT)) for folder in folders for file in sorted(_ROOT.glob(f"{folder}/test_*.py"))
    )


ROOMS: Mapping[str, Room] = {
    "config": Room(
        files=("zelly_infra/config*.py", "workbench/config/*.py", "zelly_infra/names.py", "workbench/names.py"),
        tests=(
            "tests/zelly_infra/config/test_config.py",
            "tests/zelly_infra/config/test_config_borders.py",
            "tests/zelly_infra/config/test_bad_stack_files.py",
            "tests/zelly_infra/config/test_load.py",
            "tests/zelly_infra/config/test_other_stacks.py",
            "tests/workbench/cli/test_plan.py",
        ),
    ),
    # The end-to-end tests notice more, but each of their runs brings an environment up: a fault that the unit tests let
    # through would cost minutes. So the rate is what operations' own tests notice, and no less than all do.
    "operations": Room(
        files=("workbench/operations/**/*.py",),
        tests=("tests/workbench/operations",),
    ),
    "review": Room(
        files=("workbench/review/*.py", "workbench/review/[!cr]*/*.py", "workbench/providers/*.py"),
        tests=_tests_in("tests/workbench/review", "tests/workbench/review/[!cr]*", "tests/workbench/providers"),
    ),
    "cost": Room(
        files=("workbench/review/cost/*.py",),
        tests=(
            "tests/workbench/review/cost",
            "tests/zelly_infra/pages/test_figures.py",
            "tests/workbench/cli/test_cost.py",
        ),
    ),
    "rules": Room(files=("workbench/review/rules/*.py",), tests=("tests/workbench/review/rules",)),
    "components": Room(
        files=tuple(f"components/zelly_components/{name}.py" for name in _PURE_HELPERS), tests=("tests/components",)
    ),
}
"""The rooms of pure functions; what only puts resources together is held by the tests of the plan."""
