"""What the recovery page says is backed up is what the stack files say, and the commands that it names exist."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.zelly_infra.stack_files import ROOT
from workbench.cli.main import all_commands
from workbench.operations.stores.points import CLICKHOUSE, EFS, OLDEST_ALLOWED, REDIS
from zelly_components.clickhouse_host import ClickHouseHostArgs
from zelly_components.limits.windows import window_minutes
from zelly_infra.stack_file import read_stack_file

PAGE = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")

STACKS = [read_stack_file(stack, ROOT).environment for stack in ("production", "staging")]

EFS_PLAN = ("05:00-13:00", 35)
"""AWS's own plan: 05:00 UTC, within 8 hours ("Backup plan options", AWS Backup Developer Guide), and its days."""

_DAY_MINUTES = 24 * 60


def clickhouse_window() -> str:
    """Return when the snapshot is begun: within the hour after its time ("Amazon Data Lifecycle Manager")."""
    begun = datetime.strptime(ClickHouseHostArgs.snapshot_time_utc, "%H:%M")
    return f"{begun:%H:%M}-{begun + timedelta(hours=1):%H:%M}"


def only(values: set[Any]) -> Any:
    """Return what is the same in both stacks; the page would need another column otherwise."""
    (value,) = values
    return value


def hours(window: str) -> int:
    """Return how old the newest backup can become: a day, and as long as its window."""
    return (_DAY_MINUTES + window_minutes(window)) // 60


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def rows() -> list[str]:
    redis = str(only({stack.redis.snapshot_window for stack in STACKS}))
    clickhouse, efs = clickhouse_window(), EFS_PLAN[0]
    columns = [
        (
            "Aurora",
            "about 5 minutes",
            "continuously, to any second",
            *(days(stack.aurora.backup_retention_days) for stack in STACKS),
        ),
        (
            "Redis",
            f"{hours(redis)} hours",
            f"daily, begun {redis} UTC",
            *(days(stack.redis.snapshot_retention_days) for stack in STACKS),
        ),
        (
            "ClickHouse",
            f"{hours(clickhouse)} hours",
            f"daily, begun {clickhouse} UTC",
            *(f"{stack.clickhouse.snapshots_kept} snapshots" for stack in STACKS),
        ),
        (
            "Caddy's certificates (EFS)",
            f"{hours(efs)} hours",
            f"daily, begun {efs} UTC",
            *(days(EFS_PLAN[1]) for _ in STACKS),
        ),
    ]
    return [f"| {' | '.join(cells)} |" for cells in columns]


def test_table_is_what_the_stack_files_say() -> None:
    (block,) = re.findall(r"<!-- held by .*? -->\n\n(.*?)\n\n<!-- end", PAGE, flags=re.DOTALL)
    assert block.splitlines()[2:] == rows()


def test_alarm_comes_after_the_window_and_not_before() -> None:
    windows = {
        REDIS: str(only({stack.redis.snapshot_window for stack in STACKS})),
        CLICKHOUSE: clickhouse_window(),
        EFS: EFS_PLAN[0],
    }
    allowed = {store: OLDEST_ALLOWED[store].total_seconds() / 3600 - hours(window) for store, window in windows.items()}
    # An hour or two more than the schedule itself: a backup also takes its time.
    assert all(1 <= spare <= 2 for spare in allowed.values()), allowed


def test_options_of_the_page_exist() -> None:
    commands: Any = all_commands()
    known = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in commands.commands["restore"].commands.items()
    }
    lines = re.findall(r"zelly restore ([a-z]+)((?: --[a-z-]+(?: [^-`\s;][^`\s;]*)?)+)", PAGE)
    named = {(name, option) for name, options in lines for option in re.findall(r"--[a-z-]+", options)}
    assert len(named) >= 8
    assert set(known) - {name for name, _ in named} == set()
    assert {(name, option) for name, option in named if option not in known[name]} == set()
