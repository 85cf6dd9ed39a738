"""What `zelly doctor` asks beside AWS: names of the resolver's, ClickHouse's ledger."""

import socket
from typing import Any

import pytest

from tests.workbench.operations.failing import failure
from workbench.aws.shared.errors import AwsError, Reason
from workbench.clickhouse.server import ClickHouseServer, LostError, StatementError, UnreachableError
from workbench.errors import OperatorError
from workbench.operations.doctor.facts import Refused, Unclear
from workbench.operations.doctor.reading import system_resolver
from workbench.operations.stores.clickhouse.facts import Ledger, read_ledger


class Server(ClickHouseServer):
    """A server that answers with rows, or fails."""

    def __init__(self, *answers: list[dict[str, Any]] | Exception) -> None:
        self._answers = list(answers)

    def rows(self, query: str) -> list[dict[str, Any]]:  # noqa: ARG002 (the order of the answers is the script)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def row(number: int, state: str) -> dict[str, Any]:
    return {
        "file": "1.sql",
        "statement": number,
        "state": state,
        "checksum": "",
        "noted_by": "",
        "noted_at_ns": f"{number}",
    }


THERE = [{"result": 1}]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([[{"result": 0}]], None),
        ([THERE, THERE, []], Ledger(applied=0, open=0)),
        ([THERE, THERE, [row(1, "applied"), row(2, "begun"), row(3, "refused")]], Ledger(applied=1, open=2)),
        ([UnreachableError("at x: timed out")], Unclear("at x: timed out; it is reached over the VPN alone")),
        ([LostError("at x: reset")], Unclear("at x: reset; it is reached over the VPN alone")),
        ([StatementError("at x: code 516")], Refused("at x: code 516")),
    ],
)
def test_ledger(answers: list[Any], expected: Any) -> None:
    assert read_ledger(lambda: Server(*answers), "shop") == expected


def test_credentials_that_are_missing_are_told_from_those_that_may_not_be_read() -> None:
    def missing() -> ClickHouseServer:
        raise OperatorError("secret shop: CLICKHOUSE_HOST missing")

    def refused() -> ClickHouseServer:
        raise failure("secretsmanager:GetSecretValue", Reason.DENIED)

    assert read_ledger(missing, "shop") == Refused("secret shop: CLICKHOUSE_HOST missing")
    with pytest.raises(AwsError):
        read_ledger(refused, "shop")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([(2, 1, 6, "", ("192.0.2.2", 0)), (2, 1, 6, "", ("192.0.2.1", 0))], ["192.0.2.1", "192.0.2.2"]),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), ()),
        (socket.gaierror(socket.EAI_NODATA, "No address associated with hostname"), ()),
    ],
)
def test_addresses_of_a_name(answer: Any, expected: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(name: str, *_: Any, **__: Any) -> Any:
        assert name == "api.shop.example"
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert system_resolver("api.shop.example") == expected


def test_resolver_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(OSError, match="Temporary failure"):
        system_resolver("api.shop.example")
