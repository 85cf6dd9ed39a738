"""Which service assumes which roles, for whom alone, and that nobody else does."""

from collections.abc import Iterator, Mapping

from tests.support.iam_decisions import Decision
from tests.zelly_infra.embedded.permissions.rows import Row

FOREIGN_ROLE = "arn:aws:iam::999999999999:role/stranger"
ELSEWHERE = "arn:aws:ecs:us-east-1:{account}"

SOURCES = {
    "ecs-tasks.amazonaws.com": ("*-task *-execution", "{ecs}:task/zelly-{stack}/0123456789abcdef"),
    "dlm.amazonaws.com": ("clickhouse-snapshots", "arn:aws:dlm:{region}:{account}:policy/policy-1"),
    "vpc-flow-logs.amazonaws.com": ("network-flow-logs", "arn:aws:ec2:{region}:{account}:vpc-flow-log/fl-1"),
    "ec2.amazonaws.com": ("bastion clickhouse", ""),
}
"""By service: the roles that it assumes, and for what it says that it does. EC2 is not known to say anything."""


def _trusts() -> Iterator[Row]:
    for service, (roles, source) in SOURCES.items():
        own = {"aws:SourceAccount": "{account}", "aws:SourceArn": source} if source else {}
        elsewhere = source.replace("{region}", "us-east-1").replace("{ecs}", ELSEWHERE)
        strangers = [own | {"aws:SourceAccount": "999999999999"}, own | {"aws:SourceArn": elsewhere}, {}]
        others = (*(other for other in SOURCES if other != service), "lambda.amazonaws.com", FOREIGN_ROLE)
        for role in roles.split():
            yield _trust((service,), "sts:AssumeRole", role, Decision.ALLOWED, own)
            yield _trust((service,), "sts:TagSession", role, Decision.DENIED, own)
            yield _trust(others, "sts:AssumeRole", role, Decision.DENIED, own)
            for context in strangers if source else ():
                yield _trust((service,), "sts:AssumeRole", role, Decision.DENIED, context)


def _trust(who: tuple[str, ...], action: str, roles: str, decision: Decision, context: Mapping[str, str]) -> Row:
    return Row(who=who, action=action, resource="{each}", on_roles=roles, decision=decision, context=context)


TRUSTS = tuple(_trusts())
