"""The evaluation of policy documents itself, on small documents."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.iam_decisions import Decision, Document, Principal, Request, decide, wildcard

ROLE = Principal(kind="AWS", name="arn:aws:iam::111122223333:role/shop")
ROOT = {"AWS": "arn:aws:iam::111122223333:root"}
TEXT = st.text(alphabet="ab*?.[]:/\n", max_size=8)


def document(**elements: Any) -> Document:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", **elements}]}


def answer(
    *identity: Document,
    resource: tuple[Document, ...] = (),
    needs_consent: bool = False,
    action: str = "s3:GetObject",
    principal: Principal = ROLE,
    context: Mapping[str, str] | None = None,
) -> Decision:
    request = Request(principal=principal, action=action, resource="arn:aws:s3:::shop/a", context=context or {})
    return decide(request, identity=identity, resource=resource, needs_consent=needs_consent)


def matches_by_hand(pattern: str, text: str) -> bool:
    """Match letter by letter, without regular expressions."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches_by_hand(pattern[1:], text) or (bool(text) and matches_by_hand(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and matches_by_hand(pattern[1:], text[1:])


@given(pattern=TEXT, text=TEXT)
def test_wildcard_matches_what_a_comparison_letter_by_letter_does(pattern: str, text: str) -> None:
    assert (wildcard(pattern).match(text) is not None) is matches_by_hand(pattern, text)


@given(text=TEXT, letters=st.lists(st.sampled_from("*?"), max_size=8))
def test_wildcard_with_every_letter_left_open_still_matches(text: str, letters: list[str]) -> None:
    opened = "".join(letters[index] if index < len(letters) else letter for index, letter in enumerate(text))
    assert wildcard(opened).match(text) is not None


@pytest.mark.parametrize(
    ("elements", "decision"),
    [
        ({"Resource": "*"}, Decision.ALLOWED),
        ({"Resource": ["arn:aws:s3:::other/*", "arn:aws:s3:::shop/?"]}, Decision.ALLOWED),
        ({"Resource": "arn:aws:s3:::shop"}, Decision.DENIED),
        ({"Resource": "ARN:aws:s3:::shop/*"}, Decision.DENIED),
        ({"Action": "S3:gETobject", "Resource": "*"}, Decision.ALLOWED),
        ({"Action": "s3:Put*", "Resource": "*"}, Decision.DENIED),
        ({"NotResource": "arn:aws:s3:::shop/*"}, Decision.DENIED),
        ({"NotResource": "arn:aws:s3:::other/*"}, Decision.ALLOWED),
        ({"Effect": "Deny", "Resource": "*"}, Decision.FORBIDDEN),
    ],
)
def test_identity_policy_decides_by_action_and_resource(elements: dict[str, Any], decision: Decision) -> None:
    assert answer(document(**elements)) == decision


def test_all_actions_but_those_named_are_selected() -> None:
    all_but_get = {"Statement": {"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}}
    assert answer(all_but_get) == Decision.DENIED
    assert answer(all_but_get, action="s3:PutObject") == Decision.ALLOWED


def test_one_denial_outweighs_every_permission_on_either_side() -> None:
    allow, deny = document(Resource="*"), document(Effect="Deny", Resource="*")
    assert answer(allow, deny) == Decision.FORBIDDEN
    assert answer(allow, resource=(document(Effect="Deny", Resource="*", Principal="*"),)) == Decision.FORBIDDEN


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"aws:RequestedRegion": "eu"}}, {"aws:RequestedRegion": "eu"}, True),
        ({"StringEquals": {"AWS:requestedregion": ["us", "eu"]}}, {"aws:RequestedRegion": "eu"}, True),
        ({"StringEquals": {"aws:RequestedRegion": "e*"}}, {"aws:RequestedRegion": "eu"}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu"}}, {}, False),
        ({"StringLike": {"aws:RequestedRegion": "e?"}}, {"aws:RequestedRegion": "eu"}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "False"}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {}, False),
        ({"BoolIfExists": {"aws:SecureTransport": "false"}}, {}, True),
        ({"BoolIfExists": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::shop*"}}, {"aws:SourceArn": "arn:aws:s3:::shop/a:b"}, True),
        ({"ArnEquals": {"aws:SourceArn": "arn:*:s3:::*"}}, {"aws:SourceArn": "arn:aws:s3:::shop"}, True),
        # No wildcard reaches into the next part.
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:shop"}}, {"aws:SourceArn": "arn:aws:s3:::shop"}, False),
        ({"ArnLike": {"aws:SourceArn": "*"}}, {"aws:SourceArn": "arn:aws:s3:::shop"}, False),
        # Every key of every operator has to hold.
        (
            {"StringEquals": {"aws:RequestedRegion": "eu"}, "Bool": {"aws:SecureTransport": "true"}},
            {"aws:RequestedRegion": "eu"},
            False,
        ),
    ],
)
def test_condition_holds(condition: dict[str, Any], context: dict[str, str], holds: bool) -> None:
    expected = Decision.ALLOWED if holds else Decision.DENIED
    assert answer(document(Resource="*", Condition=condition), context=context) == expected


@pytest.mark.parametrize(
    ("principals", "decision"),
    [
        ("*", Decision.ALLOWED),
        ({"AWS": "*"}, Decision.ALLOWED),
        ({"AWS": ["arn:aws:iam::111122223333:role/other", ROLE.name]}, Decision.ALLOWED),
        ({"AWS": "arn:aws:iam::111122223333:role/other"}, Decision.DENIED),
        ({"Service": "*"}, Decision.DENIED),
        # The account's own policies have to say who of it.
        (ROOT, Decision.DENIED),
    ],
)
def test_resource_policy_lets_in_whom_it_names(principals: Any, decision: Decision) -> None:
    assert answer(resource=(document(Resource="*", Principal=principals),)) == decision


def test_service_is_let_in_by_its_name_or_with_everybody() -> None:
    service = Principal(kind="Service", name="cloudwatch.amazonaws.com")
    for principals, decision in (
        ({"Service": "cloudwatch.amazonaws.com"}, Decision.ALLOWED),
        ({"AWS": "*"}, Decision.ALLOWED),
        ({"Service": "events.amazonaws.com"}, Decision.DENIED),
        (ROOT, Decision.DENIED),
    ):
        found = answer(resource=(document(Resource="*", Principal=principals),), principal=service)
        assert found == decision, principals


def test_key_needs_the_consent_of_its_own_policy() -> None:
    allow = document(Resource="*")
    assert answer(allow, needs_consent=True) == Decision.DENIED
    assert answer(allow, needs_consent=True, resource=(document(Resource="*", Principal=ROOT),)) == Decision.ALLOWED
    assert answer(needs_consent=True, resource=(document(Resource="*", Principal=ROOT),)) == Decision.DENIED
    other = {"AWS": "arn:aws:iam::444455556666:root"}
    assert answer(allow, needs_consent=True, resource=(document(Resource="*", Principal=other),)) == Decision.DENIED


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"Resource": "*", "Condition": {"StringNotEquals": {"a": "b"}}}, "condition operator StringNotEquals"),
        ({"Resource": "*", "Condition": {"StringEquals": {"a": "${aws:username}"}}}, "policy variable in"),
        ({"Resource": "arn:aws:s3:::${aws:username}"}, "policy variable in"),
        ({"Resource": "*", "NotPrincipal": {"AWS": "*"}}, "NotPrincipal"),
    ],
)
def test_what_is_not_known_is_refused_rather_than_guessed(elements: dict[str, Any], message: str) -> None:
    with pytest.raises(NotImplementedError, match=re.escape(message)):
        answer(document(**elements))
