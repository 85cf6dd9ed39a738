"""Every row of the table, and who of all roles reads which secret and parameter."""

import pytest

from tests.support.iam_decisions import Decision, Request
from tests.zelly_infra.embedded.expected_policies import SECRETS
from tests.zelly_infra.embedded.permissions.account import Account, Place, principal
from tests.zelly_infra.embedded.permissions.rows import Row
from tests.zelly_infra.embedded.permissions.table import TABLE
from zelly_infra.catalog import APPLICATION_SECRETS, CLICKHOUSE_SECRET, PROGRAM_SECRETS, SERVICES, WIREGUARD_SECRET

Places = tuple[tuple[Place, Place], ...]

HOST_SECRETS = {"clickhouse": CLICKHOUSE_SECRET, "bastion": WIREGUARD_SECRET}
READERS = {
    secret: {f"{service.name}-execution" for service in SERVICES if secret in SECRETS[service.name]}
    | {host for host, read in HOST_SECRETS.items() if read == secret}
    for secret in (*PROGRAM_SECRETS, *APPLICATION_SECRETS)
}
"""By secret: the roles of its own environment that read it. Those of the other one read none."""


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_answer_is_as_in_the_table(account: Account, places: Places, row: Row) -> None:
    requests = [request for place, other in places for request in row.requests(place, other)]
    answers = [(request, account.decide(request)) for request in requests]
    assert [(request, answer) for request, answer in answers if answer != row.decision] == []
    # At least one request in each environment.
    assert all(list(row.requests(place, other)) for place, other in places)


def test_no_row_stands_twice() -> None:
    names = [str(row) for row in TABLE]
    assert sorted(names) == sorted(set(names))


def test_secrets_are_read_by_exactly_these_roles(account: Account, places: Places) -> None:
    for place, other in places:
        found = {
            name: {
                role
                for asked, label in ((place, "{}"), (other, "other {}"))
                for role in map(label.format, readers(account, asked, arn))
            }
            for name, arn in place.names["secret"].items()
        }
        assert found == READERS, place.environment.stack


def readers(account: Account, place: Place, secret_arn: str) -> set[str]:
    """Return the roles of an environment that may read a secret."""
    return {
        name
        for name, arn in place.roles.items()
        if account.decide(
            Request(principal=principal(arn), action="secretsmanager:GetSecretValue", resource=secret_arn)
        )
        is Decision.ALLOWED
    }


def test_row_of_a_role_that_there_is_not_is_a_mistake(places: Places) -> None:
    ((place, other), _) = places
    row = Row(who=("gone-task",), action="s3:GetObject", resource="*", decision=Decision.DENIED)
    with pytest.raises(LookupError, match="gone-task: no such role; there are: bastion, clickhouse, "):
        list(row.requests(place, other))
