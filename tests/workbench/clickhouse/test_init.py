"""SQL files applied to a real server: once each, to the end or to the statement that fails, and on from there."""

from pathlib import Path

import pytest

from tests.support.clickhouse import RunningClickHouse
from workbench.clickhouse.init import InitPlan, init, plan_init
from workbench.clickhouse.ledger import Ledger, Mark, Position
from workbench.clickhouse.server import ClickHouseServer, Credentials, LostError
from workbench.clickhouse.statements import Statement, read_statements
from workbench.errors import OperationFailedError, OperationInterruptedError, OperatorError

DATABASE = "CREATE DATABASE shop;\nUSE shop;\nCREATE TABLE events (name String) ENGINE = MergeTree ORDER BY name;\n"
VIEWS = "USE shop;\nINSERT INTO events VALUES ('first');\nINSERT INTO events VALUES ('second');\n"


class Files:
    """A directory of SQL files, and the server that they are applied to."""

    def __init__(self, directory: Path, server: ClickHouseServer) -> None:
        self.directory = directory
        self.server = server
        self.ledger = Ledger(server, program="zelly", operator="tester@here")
        self.write("001_database.sql", DATABASE)
        self.write("002_views.sql", VIEWS)

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text, encoding="utf-8")

    def plan(self, *, applied: set[Position] | None = None, again: set[Position] | None = None) -> InitPlan:
        return plan_init(
            read_statements(self.directory),
            server=self.server,
            ledger=self.ledger,
            applied=applied or set(),
            again=again or set(),
        )

    def apply(self, plan: InitPlan | None = None) -> list[str]:
        """Apply what is pending and return the places of what was applied."""
        done: list[Statement] = []
        try:
            init(plan or self.plan(), server=self.server, ledger=self.ledger, progress=done.append)
        finally:
            self.done = [statement.place for statement in done]
        return self.done


class Breaking(ClickHouseServer):
    """A server that a statement is lost on, after it was carried out."""

    error: BaseException
    at = ""

    def execute(self, statement: str, *, session: str) -> None:
        super().execute(statement, session=session)
        if statement == self.at:
            raise self.error


@pytest.fixture
def server(emptied: RunningClickHouse) -> Breaking:
    return Breaking(emptied.url, Credentials(user=emptied.user, password=emptied.password))


@pytest.fixture
def files(tmp_path: Path, server: Breaking) -> Files:
    return Files(tmp_path, server)


def names(running: RunningClickHouse) -> list[str]:
    return running.ask("SELECT name FROM shop.events ORDER BY name").split()


def test_files_are_applied_in_order_and_once(files: Files, emptied: RunningClickHouse) -> None:
    assert files.apply() == [
        "001_database.sql:1 (statement 1)",
        "001_database.sql:3 (statement 3)",
        "002_views.sql:2 (statement 2)",
        "002_views.sql:3 (statement 3)",
    ]
    assert files.apply() == []
    assert names(emptied) == ["first", "second"]


def test_new_file_alone_is_applied_later(files: Files, emptied: RunningClickHouse) -> None:
    files.apply()
    files.write("003_more.sql", "INSERT INTO shop.events VALUES ('third')")
    assert files.apply() == ["003_more.sql:1 (statement 1)"]
    assert names(emptied) == ["first", "second", "third"]


def test_plan_says_what_is_pending_and_changes_nothing(files: Files, emptied: RunningClickHouse) -> None:
    plan = files.plan()
    assert plan.lines() == [
        f"ClickHouse {plan.server_version} at {emptied.url}: 4 of 4 statements to be applied, 0 applied before",
        "  apply 001_database.sql:1 (statement 1)  CREATE DATABASE shop",
        "  apply 001_database.sql:3 (statement 3)  CREATE TABLE events (name String) ENGINE = MergeTree ORDER BY name",
        "  apply 002_views.sql:2 (statement 2)  INSERT INTO events VALUES ('first')",
        "  apply 002_views.sql:3 (statement 3)  INSERT INTO events VALUES ('second')",
    ]
    assert emptied.ask("EXISTS TABLE default.zelly_init_ledger") == "0\n"
    files.apply()
    files.write("003_more.sql", "SELECT 1")
    document = files.plan().document()
    assert [(row["file"], row["number"], row["line"], row["action"]) for row in document["statements"]] == [
        ("001_database.sql", 1, 1, "none"),
        ("001_database.sql", 3, 3, "none"),
        ("002_views.sql", 2, 2, "none"),
        ("002_views.sql", 3, 3, "none"),
        ("003_more.sql", 1, 1, "apply"),
    ]


def test_statement_that_fails_is_shown_and_gone_on_from(files: Files, emptied: RunningClickHouse) -> None:
    files.write("002_views.sql", VIEWS.replace("VALUES ('second')", "VALUES (nonsense)"))
    with pytest.raises(OperationFailedError) as failed:
        files.apply()
    first, complaint, rest = failed.value.lines
    assert first == "002_views.sql:3 (statement 3)  INSERT INTO events VALUES (nonsense)"
    assert complaint.startswith(f"  ClickHouse at {emptied.url}: code ")
    assert rest == (
        "3 of 4 statements applied before it. To go on, correct the cause and run the same command again: "
        "what was applied is not applied twice."
    )
    files.write("002_views.sql", VIEWS)
    # The session's USE before it is carried out once more.
    assert files.apply() == ["002_views.sql:3 (statement 3)"]
    assert names(emptied) == ["first", "second"]


def test_session_statement_that_fails_is_shown(files: Files) -> None:
    files.write("002_views.sql", VIEWS.replace("USE shop", "USE shopping"))
    with pytest.raises(OperationFailedError) as failed:
        files.apply()
    assert failed.value.lines[0] == "002_views.sql:1 (statement 1)  USE shopping"
    assert "2 of 4 statements applied before it." in failed.value.lines[2]


def test_changed_statement_is_refused_before_anything_is_done(files: Files, emptied: RunningClickHouse) -> None:
    files.apply()
    files.write("002_views.sql", VIEWS.replace("'first'", "'1st'"))
    files.write("003_more.sql", "INSERT INTO shop.events VALUES ('third')")
    with pytest.raises(OperatorError) as refused:
        files.plan()
    changed, advice = refused.value.lines
    assert changed.startswith("002_views.sql:2 (statement 2): was applied in another form at 20")
    assert changed.endswith("Z by tester@here")
    assert advice == "What was applied stays as it is: put the statement back, and the change into a new file."
    assert names(emptied) == ["first", "second"]


def _break(server: Breaking, error: BaseException) -> None:
    server.at, server.error = "INSERT INTO events VALUES ('first')", error


def test_lost_answer_leaves_a_statement_to_be_settled(
    files: Files, server: Breaking, emptied: RunningClickHouse
) -> None:
    _break(server, LostError("ClickHouse at x: Connection aborted."))
    with pytest.raises(OperationFailedError) as failed:
        files.apply()
    assert failed.value.lines == (
        "002_views.sql:2 (statement 2)  INSERT INTO events VALUES ('first')",
        "  ClickHouse at x: Connection aborted.: whether it was carried out is not known.",
        "2 of 4 statements applied before it. To go on, look whether it was, then run the same command again with "
        "--applied or --again 002_views.sql:2",
    )
    server.at = ""
    with pytest.raises(OperatorError) as open_one:
        files.plan()
    assert open_one.value.lines[2] == (
        "  Look whether it was carried out, then run again with --applied 002_views.sql:2 if it was, "
        "or --again 002_views.sql:2 if it was not."
    )
    plan = files.plan(applied={("002_views.sql", 2)})
    assert plan.lines()[1:] == [
        "  note as applied 002_views.sql:2 (statement 2)  INSERT INTO events VALUES ('first')",
        "  apply 002_views.sql:3 (statement 3)  INSERT INTO events VALUES ('second')",
    ]
    assert files.apply(plan) == ["002_views.sql:3 (statement 3)"]
    assert (files.apply(), names(emptied)) == ([], ["first", "second"])


def test_interrupt_leaves_a_statement_to_be_settled(files: Files, server: Breaking, emptied: RunningClickHouse) -> None:
    _break(server, KeyboardInterrupt())
    with pytest.raises(OperationInterruptedError) as ended:
        files.apply()
    assert ended.value.lines[1] == "  interrupted: whether it was carried out is not known."
    server.at = ""
    assert files.apply(files.plan(again={("002_views.sql", 2)})) == [
        "002_views.sql:2 (statement 2)",
        "002_views.sql:3 (statement 3)",
    ]
    assert names(emptied) == ["first", "first", "second"]


def test_refused_statement_needs_no_settling_however_often_it_was_tried(files: Files) -> None:
    files.write("002_views.sql", "SELECT nonsense")
    for _ in range(2):
        with pytest.raises(OperationFailedError):
            files.apply()
    assert files.ledger.entries()["002_views.sql", 1].mark is Mark.REFUSED


@pytest.mark.parametrize(
    ("applied", "again", "complaint"),
    [
        ({("001_database.sql", 1)}, set[Position](), "--applied: came 001_database.sql:1; allowed: 002_views.sql:2"),
        (set[Position](), {("009.sql", 1)}, "--again: came 009.sql:1; allowed: 002_views.sql:2"),
        (
            {("002_views.sql", 2)},
            {("002_views.sql", 2)},
            "--applied, --again: came 002_views.sql:2 for both; allowed: one of them",
        ),
    ],
)
def test_only_what_is_open_can_be_settled(
    files: Files, server: Breaking, applied: set[Position], again: set[Position], complaint: str
) -> None:
    _break(server, LostError("lost"))
    with pytest.raises(OperationFailedError):
        files.apply()
    with pytest.raises(OperatorError) as refused:
        files.plan(applied=applied, again=again)
    assert str(refused.value) == complaint
