"""Rules for IAM and KMS."""

import itertools
import re
from collections.abc import Iterator

from workbench.review.rules.documents import Statement, statements
from workbench.review.rules.model import Resource, Rule, Severity, Stack, is_unknown, requires

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
KEY = "aws:kms/key:Key"

_DECRYPTING = re.compile(r"(?i)kms:(\*|decrypt\*?|re\*|reencrypt.*)$|\*$")
_SOURCE = ("aws:SourceAccount", "aws:SourceArn")
_OF_AN_ACCOUNT = {"aws:principalorgid", "aws:sourceaccount", "kms:calleraccount", "aws:principalaccount"}
_SILENT = ("ec2.amazonaws.com",)
"""The services that are not known to say for whom they assume a role."""
_ADMINISTRATOR = ("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/PowerUserAccess")


def _administrator(policy: Resource) -> Iterator[str]:
    for statement in statements(policy):
        if statement.allows and {"*", "*:*"} & set(statement.actions) and "*" in statement.resources:
            yield f"{statement.sid} allows every action on everything"


def _attached_administrator(attachment: Resource) -> Iterator[str]:
    if attachment.value("policyArn") in _ADMINISTRATOR:
        yield f"policyArn: {attachment.value('policyArn')}"


def _service_wildcards(policy: Resource) -> Iterator[str]:
    for statement in statements(policy):
        if statement.allows:
            wide = [action for action in statement.actions if re.fullmatch(r"[\w-]+:\*", action)]
            yield from (f"{statement.sid} allows {action}" for action in wide)


def _decrypts_everything(policy: Resource) -> Iterator[str]:
    for statement in statements(policy):
        wide = any(resource == "*" or re.fullmatch(r"arn:aws:kms:[^:]*:[^:]*:key/\*", resource)
                   for resource in statement.resources)  # fmt: skip
        if statement.allows and wide and any(_DECRYPTING.match(action) for action in statement.actions):
            yield f"{statement.sid} decrypts with every key"


def _passes_every_role(policy: Resource) -> Iterator[str]:
    for statement in statements(policy):
        if statement.allows and {"iam:PassRole", "iam:*", "*"} & set(statement.actions) and "*" in statement.resources:
            yield f"{statement.sid} passes every role"


def _name_taken(policy: Resource, stack: Stack) -> Iterator[str]:
    role, name = policy.value("role"), policy.value("name")
    if name is None or is_unknown(role) or is_unknown(name):
        return
    for other in itertools.takewhile(lambda each: each.urn != policy.urn, stack.of_types([ROLE_POLICY])):
        if (other.value("role"), other.value("name")) == (role, name):
            yield f"name: {name}; taken by {other.name} on the same role"


def _user(user: Resource) -> Iterator[str]:
    yield f"{user.type.rpartition(':')[2]} is for a person or a long-lived key; allowed: roles"


def _trusts_everybody(role: Resource) -> Iterator[str]:
    for statement in statements(role, "assumeRolePolicy"):
        if statement.allows and "*" in statement.principals:
            yield f"{statement.sid} lets everybody assume it"


def _federation(role: Resource) -> Iterator[str]:
    for statement in statements(role, "assumeRolePolicy"):
        if statement.allows and statement.federated:
            yield from _federated(statement)


def _federated(statement: Statement) -> Iterator[str]:
    conditions: dict[str, list[str]] = {}
    for operator, tests in statement.conditions.items():
        if operator in ("StringEquals", "StringLike"):
            for key, value in tests.items():
                conditions[key.rpartition(":")[2]] = [value] if isinstance(value, str) else list(value)
    if "aud" not in conditions:
        yield f"{statement.sid} does not say for whom the token has to be (aud)"
    subjects = conditions.get("sub", ["*"])
    for subject in subjects:
        if not re.match(r"repo:[^/*]+/[^:*]+:[^*]", subject):
            yield f"{statement.sid} takes the subject {subject}; allowed: one repository's branches or environments"


def _names_no_source(role: Resource) -> Iterator[str]:
    for statement in statements(role, "assumeRolePolicy"):
        services = [each for each in statement.principals if each.endswith(".amazonaws.com") and each not in _SILENT]
        missing = [key for key in _SOURCE if key.lower() not in statement.condition_keys]
        if statement.allows and services and missing:
            yield f"{statement.sid} lets {', '.join(services)} assume it without a condition on {' and '.join(missing)}"


def _key_for_everybody(key: Resource) -> Iterator[str]:
    for statement in statements(key):
        if statement.allows and "*" in statement.principals and not statement.condition_keys & _OF_AN_ACCOUNT:
            yield f"{statement.sid} lets everybody use it"


RULES = (
    Rule(
        id="policy-no-administrator",
        title="No policy allows everything",
        controls=("IAM.1", "CIS 1.16"),
        severity=Severity.HIGH,
        remediation="Name the actions and the resources.",
        types=(ROLE_POLICY, POLICY),
        check=_administrator,
    ),
    Rule(
        id="role-no-administrator-attached",
        title="No role has AWS's own administrator policies",
        controls=("IAM.1", "CIS 1.16"),
        severity=Severity.HIGH,
        remediation="Write a policy that names the actions and the resources.",
        types=("aws:iam/rolePolicyAttachment:RolePolicyAttachment",),
        check=_attached_administrator,
    ),
    Rule(
        id="policy-no-service-wildcard",
        title="No policy allows every action of a service",
        controls=("IAM.21",),
        severity=Severity.LOW,
        remediation="Name the actions.",
        types=(ROLE_POLICY, POLICY),
        check=_service_wildcards,
    ),
    Rule(
        id="policy-decrypts-with-named-keys",
        title="A policy names the keys that it decrypts with",
        controls=("KMS.1", "KMS.2"),
        severity=Severity.MEDIUM,
        remediation="Name the keys.",
        types=(ROLE_POLICY, POLICY),
        check=_decrypts_everything,
    ),
    Rule(
        id="policy-passes-named-roles",
        title="A policy names the roles that it passes on",
        controls=(),
        severity=Severity.HIGH,
        remediation="Name the roles: who may pass every role has the rights of each.",
        types=(ROLE_POLICY, POLICY),
        check=_passes_every_role,
    ),
    Rule(
        id="policy-name-of-its-own",
        title="No two policies of a role have one name",
        controls=(),
        severity=Severity.HIGH,
        remediation="Name them differently: IAM keeps the one that was written last, without a word.",
        types=(ROLE_POLICY,),
        check_in_stack=_name_taken,
    ),
    Rule(
        id="no-iam-users",
        title="There are no IAM users and no long-lived keys",
        controls=("IAM.2", "CIS 1.15"),
        severity=Severity.HIGH,
        remediation="Use roles: Identity Center for people, OpenID Connect for pipelines.",
        types=(
            "aws:iam/user:User",
            "aws:iam/accessKey:AccessKey",
            "aws:iam/userPolicy:UserPolicy",
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        ),
        check=_user,
    ),
    Rule(
        id="role-trusts-somebody",
        title="A role says who may assume it",
        controls=(),
        severity=Severity.CRITICAL,
        remediation="Name the principals in the trust policy.",
        types=(ROLE,),
        check=_trusts_everybody,
    ),
    Rule(
        id="role-trusts-a-service-for-one-account",
        title="A role is assumed by an AWS service for one account's own resources alone",
        controls=(),
        severity=Severity.MEDIUM,
        remediation="Compare aws:SourceAccount and aws:SourceArn in the trust policy; EC2 is not known to send them.",
        types=(ROLE,),
        check=_names_no_source,
    ),
    Rule(
        id="role-federation-names-subjects",
        title="A role for pipelines names their repositories and branches",
        controls=(),
        severity=Severity.CRITICAL,
        remediation="Compare the token's aud and sub with StringEquals: one repository's branches or environments.",
        types=(ROLE,),
        check=_federation,
    ),
    Rule(
        id="key-rotates",
        title="A key is rotated every year",
        controls=("KMS.4", "CIS 3.6"),
        severity=Severity.MEDIUM,
        remediation="Set enable_key_rotation.",
        types=(KEY,),
        check=requires("enableKeyRotation", True),
    ),
    Rule(
        id="key-not-public",
        title="A key is not for everybody",
        controls=("KMS.5",),
        severity=Severity.CRITICAL,
        remediation="Name the principals in the key's policy, or the account in a condition.",
        types=(KEY,),
        check=_key_for_everybody,
    ),
)
