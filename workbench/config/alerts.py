"""The section of the environment config on the channels by which alarms and events reach people."""

from typing import Annotated

from pydantic import Field

from workbench.config.section import Section

SlackId = Annotated[str, Field(pattern=r"^[A-Z][0-9A-Z]{5,20}$", description="an id of Slack's, e.g. C0123ABCD")]


class Slack(Section):
    """A channel of a Slack workspace, which was authorized in the account by hand, once."""

    workspace_id: SlackId
    channel_id: SlackId
    """Of one environment alone: an account's channel takes one configuration."""


class Channels(Section):
    """The channels beside e-mail: a pager always, and a chat.

    The pager's URL is the secret ``pagerEndpoint`` of the program's own.
    """

    slack: Slack | None
    """null until the workspace is authorized: nobody reads in Slack."""
