"""Rules for secrets, logs, alarms and parameters."""

import re
from collections.abc import Iterator

from workbench.review.rules.documents import statements
from workbench.review.rules.model import (
    Resource,
    Rule,
    Severity,
    is_unknown,
    requires,
    requires_at_least,
    requires_companion,
    requires_set,
)

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type token)
TOPIC = "aws:sns/topic:Topic"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
PARAMETER = "aws:ssm/parameter:Parameter"


_OF_AN_ACCOUNT = {"aws:sourceowner", "aws:sourceaccount", "aws:sourcearn", "aws:principalorgid", "aws:principalaccount"}
"""The condition keys that say whose the caller is; any other lets in everybody who meets it."""


def _topic_for_everybody(policy: Resource) -> Iterator[str]:
    for statement in statements(policy):
        if statement.allows and "*" in statement.principals and not statement.condition_keys & _OF_AN_ACCOUNT:
            yield f"{statement.sid} lets everybody in"


def _parameter(parameter: Resource) -> Iterator[str]:
    name = f"{parameter.value('name')}"
    if parameter.value("type") != "SecureString" and re.search(r"(?i)password|secret|token|private_key", name):
        yield f"{name} is of type {parameter.value('type')}; allowed: SecureString, or a secret in Secrets Manager"


def _recovery(secret: Resource) -> Iterator[str]:
    days = secret.value("recoveryWindowInDays")
    if days is not None and not is_unknown(days):
        yield from requires_at_least("recoveryWindowInDays", 7)(secret)


RULES = (
    Rule(
        id="secret-recoverable",
        title="A deleted secret can be restored for seven days or more",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Set recovery_window_in_days to 7 or more, or leave it at 30.",
        types=(SECRET,),
        check=_recovery,
    ),
    Rule(
        id="secret-rotates",
        title="A secret is rotated by itself",
        controls=("SecretsManager.1", "SecretsManager.4"),
        severity=Severity.MEDIUM,
        remediation="Add an aws.secretsmanager.SecretRotation.",
        types=(SECRET,),
        check_in_stack=requires_companion("aws:secretsmanager/secretRotation:SecretRotation"),
    ),
    Rule(
        id="parameter-no-plain-secret",
        title="A parameter that is named like a secret is encrypted",
        controls=(),
        severity=Severity.HIGH,
        remediation="Use Secrets Manager.",
        types=(PARAMETER,),
        check=_parameter,
    ),
    Rule(
        id="topic-encrypted",
        title="A topic is encrypted",
        controls=("SNS.1",),
        severity=Severity.MEDIUM,
        remediation="Set kms_master_key_id, with a key that the senders may use.",
        types=(TOPIC,),
        check=requires_set("kmsMasterKeyId"),
    ),
    Rule(
        id="topic-not-public",
        title="A topic is not for everybody",
        controls=("SNS.4",),
        severity=Severity.HIGH,
        remediation="Name the principals in the topic's policy, or the account in a condition.",
        types=("aws:sns/topicPolicy:TopicPolicy", TOPIC),
        check=_topic_for_everybody,
    ),
    Rule(
        id="log-retention",
        title="A log is kept for thirty days or more, and not for ever",
        # Security Hub's own default is 365 days; the number is a parameter of the control.
        controls=("CloudWatch.16",),
        severity=Severity.MEDIUM,
        remediation="Set retention_in_days to 30 or more.",
        types=("aws:cloudwatch/logGroup:LogGroup",),
        check=requires_at_least("retentionInDays", 30),
    ),
    Rule(
        id="alarm-tells-somebody",
        title="An alarm tells somebody",
        controls=("CloudWatch.15",),
        severity=Severity.HIGH,
        remediation="Set alarm_actions.",
        types=(ALARM,),
        check=requires_set("alarmActions"),
    ),
    Rule(
        id="alarm-switched-on",
        title="An alarm's actions are switched on",
        controls=("CloudWatch.17",),
        severity=Severity.HIGH,
        remediation="Leave actions_enabled on.",
        types=(ALARM,),
        check=requires("actionsEnabled", True, None),
    ),
)
