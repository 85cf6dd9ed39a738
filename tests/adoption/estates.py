"""Estates that nobody changes, each made once, and the Terraform states of them and of their variants."""

import atexit
import http.client
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from tests.adoption.estate import Options, make_estate
from tests.adoption.estate.history import with_history
from tests.zelly_infra.facts import ENVIRONMENTS
from workbench.sandbox.embedded import EmbeddedAws

STAGING = Options()
PRODUCTION = Options(stack="production")
VARIANTS: Mapping[str, Options] = {
    "staging": STAGING,
    "production": PRODUCTION,
    "single-rules": Options(rules="single", names="suffix", keys="count"),
    "vpc-rules": Options(rules="vpc", names="prefix", keys="for_each", providers_in_modules=True),
    "coarse": Options(one_balancer_group=True, egress_all=True, balancer_group_of_network=False, launch_type=True),
    "older-schema": Options(older_schema=True),
    "without-dns": Options(leave_out=frozenset({"dns"})),
}
"""The ways in which the same platform may have been written, a few at a time."""


def state_of(options: Options = STAGING) -> dict[str, Any]:
    """Return the Terraform state of an estate; it is the caller's own."""
    return with_history(_made(_without_history(options)).state, options)


def rules_of(options: Options = STAGING) -> Sequence[Mapping[str, Any]]:
    """Return what ``ec2:DescribeSecurityGroupRules`` lists of an estate."""
    return deepcopy(_made(_without_history(options)).rules)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An estate in an embedded AWS of its own, in which nobody makes or changes anything."""

    aws: EmbeddedAws
    options: Options
    state: dict[str, Any] = field(repr=False)
    """The Terraform state. Whoever changes it works on a copy."""

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of the embedded AWS."""
        return self.aws.clients.get(service, region or ENVIRONMENTS[self.options.stack].region)


@cache
def standing(options: Options) -> Standing:
    """Return an estate that stands until the tests end; the same whenever it is asked for."""
    aws = _started()
    return Standing(aws=aws, options=options, state=make_estate(aws.clients.get, options, ledger=aws.ledger))


def empty(aws: EmbeddedAws) -> None:
    """Let an embedded AWS forget all that was made in it."""
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc)
    connection.request("POST", "/moto-api/reset")
    answer = connection.getresponse()
    answer.read()
    assert answer.status == http.HTTPStatus.OK
    connection.close()


@dataclass(frozen=True, kw_only=True)
class _Made:
    state: dict[str, Any] = field(repr=False)
    rules: Sequence[Mapping[str, Any]] = field(repr=False)


def _without_history(options: Options) -> Options:
    return replace(options, older_schema=False, tainted=False, deposed=False, leave_out=frozenset())


def _started() -> EmbeddedAws:
    aws = EmbeddedAws.start()
    atexit.register(aws.stop)
    return aws


@cache
def _emptied_after_each() -> EmbeddedAws:
    return _started()


@cache
def _made(options: Options) -> _Made:
    if options in (STAGING, PRODUCTION):
        estate = standing(options)
        return _Made(state=estate.state, rules=_rules(estate))
    aws = _emptied_after_each()
    try:
        estate = Standing(aws=aws, options=options, state=make_estate(aws.clients.get, options))
        return _Made(state=estate.state, rules=_rules(estate))
    finally:
        empty(aws)


def _rules(estate: Standing) -> Sequence[Mapping[str, Any]]:
    pages = estate.client("ec2").get_paginator("describe_security_group_rules").paginate()
    return [rule for page in pages for rule in page["SecurityGroupRules"]]
