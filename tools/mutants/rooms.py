"""The rooms that faults are put into, and the tests that should notice them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Room:
    """What faults are put into, and the tests that should notice them."""

    files: tuple[str, ...]
    """Patterns of paths."""
    tests: tuple[str, ...]


_PURE_HELPERS = (
    "alarm",
    "dashboard",
    "ecs_checks",
    "fargate",
    "iam",
    "instance_type",
    "naming",
    "running_hours_times",
    "subnets",
    "task_definition",
    "wireguard",
)

ROOMS: Mapping[str, Room] = {
    "config": Room(
        files=("zelly_infra/config*.py", "workbench/config/stack_file.py", "zelly_infra/names.py"),
        tests=(
            "tests/zelly_infra/test_config.py",
            "tests/zelly_infra/test_config_borders.py",
            "tests/zelly_infra/test_bad_stack_files.py",
            "tests/zelly_infra/test_load.py",
            "tests/zelly_infra/test_other_stacks.py",
            "tests/workbench/cli/test_plan.py",
        ),
    ),
    "operations": Room(
        files=("zelly_infra/operations/**/*.py",),
        tests=("tests/zelly_infra/operations", "tests/zelly_infra/operating"),
    ),
    "review": Room(
        files=("zelly_infra/review/*.py", "zelly_infra/review/page/*.py", "zelly_infra/review/picture/*.py"),
        tests=("tests/zelly_infra/review", "tests/zelly_infra/commands"),
    ),
    "cost": Room(
        files=("zelly_infra/review/cost/*.py",),
        tests=("tests/zelly_infra/review/cost", "tests/test_cost_page.py", "tests/workbench/cli/test_cost.py"),
    ),
    "rules": Room(files=("zelly_infra/review/rules/*.py",), tests=("tests/zelly_infra/review/rules",)),
    "components": Room(files=tuple(f"components/{name}.py" for name in _PURE_HELPERS), tests=("tests/components",)),
}
"""The rooms of pure functions; what only puts resources together is held by the tests of the plan."""
