"""The alert channels of an environment, from the config's section on them."""

import os
from collections.abc import Sequence

import pulumi

from workbench.config.alerts import Channels
from workbench.config.stack_file import CLOUDFLARE_TOKEN, UNREADABLE_SECRET
from workbench.program import StackConfig
from zelly_components.alarms.events import Event
from zelly_components.alert_channels import AlertChannels, AlertChannelsArgs, SlackChannelArgs

PAGER_ENDPOINT = "pagerEndpoint"
"""The program's own secret: the URL of PagerDuty's integration for Amazon CloudWatch."""
_STAND_IN = "https://pager.invalid/not-known-offline"
"""Stands for the URL in a plan, and in an embedded AWS. No such name resolves (RFC 2606)."""


def alert_channels(
    name: str,
    config: StackConfig,
    channels: Channels | None,
    *,
    emails: Sequence[str],
    events: Sequence[Event],
    options: pulumi.ResourceOptions,
    other_regions: Sequence[str] = (),
) -> AlertChannels | None:
    """Make the alert channels of an environment; None where the section is null."""
    if channels is None:
        return None
    slack = channels.slack
    return AlertChannels(
        name,
        AlertChannelsArgs(
            region=config.region,
            pager_endpoint=_pager_endpoint(config.environment),
            slack=slack and SlackChannelArgs(workspace_id=slack.workspace_id, channel_id=slack.channel_id),
            emails=emails,
            events=events,
            other_regions=[region for region in other_regions if region != config.region],
        ),
        options,
    )


def _pager_endpoint(stack: str) -> pulumi.Output[str]:
    """Return the secret URL.

    Raises:
        pulumi.RunError: when it is missing, or is none. Its value stands in no message.
    """
    config = pulumi.Config()
    given, key = config.get(PAGER_ENDPOINT), f"{config.name}:{PAGER_ENDPOINT}"
    if given is None and _is_offline():
        given = _STAND_IN
    if given == UNREADABLE_SECRET:
        given = _STAND_IN
    command = f"pulumi config set --secret {key} --stack {stack}"
    if given is None:
        raise pulumi.RunError(f"Pulumi.{stack}.yaml: {key}: missing, and channels are on; set it with `{command}`")
    if not given.startswith("https://"):
        raise pulumi.RunError(f"Pulumi.{stack}.yaml: {key}: came no https:// URL; set it with `{command}`")
    return pulumi.Output.secret(given)


def _is_offline() -> bool:
    """Tell whether nothing real is made: by a plan, which knows no secret, or in an embedded AWS."""
    namespace, _, token = CLOUDFLARE_TOKEN.partition(":")
    return pulumi.Config(namespace).get(token) == UNREADABLE_SECRET or bool(os.environ.get("AWS_ENDPOINT_URL"))
