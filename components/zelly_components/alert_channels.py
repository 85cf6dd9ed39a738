"""The channels by which alarms and events reach people: a topic that pages, one that informs, a pager, a chat, mail."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from zelly_components.alarms.events import Event, KnownEvents, event_pattern, input_template, known_events
from zelly_components.base import Component, resolved_after
from zelly_components.identity.iam import Statement, chat_trust, policy

READ_ONLY_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
"""The guardrail: whatever role somebody assumes in the chat, nothing changes from there. Without one it is
``AdministratorAccess`` ("CreateSlackChannelConfiguration", AWS Chatbot API reference)."""
_ROLE_POLICY = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"
"""The channel role's own policy: an alarm's graph is drawn with it."""

_CHAT_REGIONS = ("us-east-2", "us-west-2", "ap-southeast-1", "eu-west-1")
"""The regions with the API of Amazon Q Developer in chat applications, the console's first ("AWS Chatbot endpoints and
quotas", AWS General Reference). The topics may be of any."""

_KEY_DELETION_DAYS = 7
"""KMS's shortest. Nothing is kept under the key for longer than the delivery of a message."""
_TARGET_ID = "topic"


@dataclass(frozen=True, kw_only=True)
class SlackChannelArgs:
    """A channel of a Slack workspace that was authorized once, by hand, in the account's console."""

    workspace_id: str
    """Slack's id of the workspace, capital letters and digits, e.g. ``T0123ABCD``."""
    channel_id: str
    """Slack's id of the channel, the last part of its link, e.g. ``C0123ABCD``. A private channel has to invite the app
    first."""


@dataclass(frozen=True, kw_only=True)
class AlertTopics:
    """The two topics of one region."""

    page: pulumi.Input[str]
    """The ARN of the topic that pages: of outages, when they begin and when they are over."""
    inform: pulumi.Input[str]
    """The ARN of the topic that informs: of every alarm and event, once."""


@dataclass(frozen=True, kw_only=True)
class AlertChannelsArgs:
    """Arguments of the channels."""

    region: str
    """The region of the alarms and events, e.g. ``eu-west-1``: an alarm tells a topic of its own region alone."""
    pager_endpoint: pulumi.Input[str]
    """The URL of PagerDuty's integration for Amazon CloudWatch, or of what takes the same. It holds the key of the
    integration and is kept secret."""
    slack: SlackChannelArgs | None
    """The channel in which everything that is told to the inform topic is read. None: nobody reads in Slack."""
    emails: Sequence[str]
    """The addresses that hear of everything that is told to the inform topic. Each gets a mail from AWS and has to
    confirm it; until then it hears nothing."""
    events: Sequence[Event] = ()
    """The events of the region that are told to the inform topic. Left out, none is but those of the next two."""
    known_events: Sequence[KnownEvents] = ()
    """Events that are told with words of their own: ``deployments`` of ECS that fail or go back, ``backups`` of AWS
    Backup that fail. Left out, they are told only where ``events`` has them."""
    database_events: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The categories of RDS's events that are told, of every database in the region, e.g. ``low storage``, by the type
    of their source, ``db-instance`` or ``db-cluster``. Left out, they are told only where ``events`` has them."""
    other_regions: Sequence[str] = ()
    """Regions with alarms of their own, since an alarm tells a topic of its region; each gets both topics. Left out,
    there are none."""


class AlertChannels(Component):
    """Two encrypted topics, and who hears of them: a pager of one, a Slack channel and mailboxes of the other.

    An alarm that pages tells both topics when it rings, and the page topic alone when it is over: the pager closes its
    incident, and the chat stays readable. Slack is reached through Amazon Q Developer in chat applications, which shows
    CloudWatch's alarms and custom notifications and drops everything else silently. Messages are encrypted with a key
    of their own for each region (1 USD a month).

    EventBridge takes no condition on the key ("Adding the aws:SourceAccount and aws:SourceArn to a AWS KMS policy is
    not supported for EventBridge-to-encrypted topics", SNS Developer Guide), nor a role for a topic ("Using
    resource-based policies for Amazon EventBridge"): its statements name the service alone.

    Example::

        import pulumi

        from zelly_components.alert_channels import AlertChannels, AlertChannelsArgs, SlackChannelArgs

        channels = AlertChannels(
            "shop-alerts",
            AlertChannelsArgs(
                region="eu-west-1",
                pager_endpoint=pulumi.Output.secret("https://events.pagerduty.com/integration/0123abcd/enqueue"),
                slack=SlackChannelArgs(workspace_id="T0123ABCD", channel_id="C0123ABCD"),
                emails=["operations@shop.example"],
                known_events=["backups"],
            ),
        )
    """

    page_topic_arn: pulumi.Output[str]
    """The topic that pages, of the region itself."""
    inform_topic_arn: pulumi.Output[str]
    """The topic that informs, of the region itself."""
    page_topic_arns: dict[str, pulumi.Output[str]]
    """The topics that page, by region, the other ones included."""
    inform_topic_arns: dict[str, pulumi.Output[str]]
    """The topics that inform, by region, the other ones included."""

    def __init__(self, name: str, args: AlertChannelsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__(name, opts)
        self._name = name
        self._account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=self)).account_id
        self._topics = {region: self._topics_of(region, args) for region in (args.region, *args.other_regions)}
        here = self._topics[args.region]
        self.page_topic_arn = pulumi.Output.from_input(here.page)
        self.inform_topic_arn = pulumi.Output.from_input(here.inform)
        self.page_topic_arns = {region: pulumi.Output.from_input(each.page) for region, each in self._topics.items()}
        self.inform_topic_arns = {
            region: pulumi.Output.from_input(each.inform) for region, each in self._topics.items()
        }
        if args.slack is not None:
            self._slack(args.slack, None if args.region in _CHAT_REGIONS else _CHAT_REGIONS[0])
        for event in _events(args):
            self._tell(event)
        self.register_annotated_outputs()

    def topics(self, region: str) -> AlertTopics:
        """Return the topics of one of the regions.

        Raises:
            ValueError: for a region that the arguments do not name.
        """
        if region not in self._topics:
            raise ValueError(f"region: came {region}; allowed {', '.join(self._topics)}")
        return self._topics[region]

    def _topics_of(self, region: str, args: AlertChannelsArgs) -> AlertTopics:
        """Make a region's key and topics, and subscribe who hears of them."""
        elsewhere = None if region == args.region else region
        name = self._name if elsewhere is None else f"{self._name}-{region}"
        key = aws.kms.Key(
            f"{name}-key",
            region=elsewhere,
            description=f"Messages of the SNS topics {name}-page and {name}-inform",
            enable_key_rotation=True,
            deletion_window_in_days=_KEY_DELETION_DAYS,
            policy=policy(_key_statements(self._account_id)),
            opts=self.child(),
        )
        page = self._topic(f"{name}-page", key, elsewhere, events=False)
        inform = self._topic(f"{name}-inform", key, elsewhere, events=True)
        self._subscribe(f"{name}-page-pager", page, "https", pulumi.Output.secret(args.pager_endpoint), elsewhere)
        for address in args.emails:
            self._subscribe(f"{name}-inform-{address}", inform, "email", address, elsewhere)
        return AlertTopics(page=page, inform=inform)

    def _topic(self, name: str, key: aws.kms.Key, region: str | None, *, events: bool) -> pulumi.Output[str]:
        topic = aws.sns.Topic(name, name=name, region=region, kms_master_key_id=key.arn, opts=self.child())
        topic_policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            region=region,
            arn=topic.arn,
            policy=policy(_publish_statements(topic.arn, self._account_id, events=events)),
            opts=self.child(),
        )
        # Who publishes before it may is refused, or silent.
        return resolved_after(topic.arn, topic_policy)

    def _subscribe(
        self, name: str, topic_arn: pulumi.Output[str], protocol: str, endpoint: pulumi.Input[str], region: str | None
    ) -> None:
        aws.sns.TopicSubscription(
            name,
            region=region,
            topic=topic_arn,
            protocol=protocol,
            endpoint=endpoint,
            # PagerDuty answers SNS's question by itself. A subscription that is not confirmed is no resource
            # [terraform-provider-aws#7782, #12838].
            endpoint_auto_confirms=True if protocol == "https" else None,
            opts=self.child(),
        )

    def _slack(self, slack: SlackChannelArgs, region: str | None) -> None:
        role = aws.iam.Role(
            f"{self._name}-slack-role",
            assume_role_policy=chat_trust(),
            opts=self.child(),
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{self._name}-slack-role-policy", role=role.name, policy_arn=_ROLE_POLICY, opts=self.child()
        )
        aws.chatbot.SlackChannelConfiguration(
            f"{self._name}-slack",
            region=region,
            configuration_name=f"{self._name}-slack",
            slack_team_id=slack.workspace_id,
            slack_channel_id=slack.channel_id,
            iam_role_arn=role.arn,
            guardrail_policy_arns=[READ_ONLY_POLICY],
            sns_topic_arns=[topics.inform for topics in self._topics.values()],
            logging_level="ERROR",
            user_authorization_required=False,
            opts=self.child_with(pulumi.ResourceOptions(depends_on=[attachment])),
        )

    def _tell(self, event: Event) -> None:
        name = f"{self._name}-{event.name}"
        rule = aws.cloudwatch.EventRule(
            name,
            name=name,
            description=event.description,
            event_pattern=event_pattern(event),
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id=_TARGET_ID,
            arn=self.inform_topic_arn,
            input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                input_paths=event.paths, input_template=input_template(event)
            ),
            opts=self.child(),
        )


def _events(args: AlertChannelsArgs) -> list[Event]:
    return [*args.events, *known_events(args.known_events, args.database_events)]


def _key_statements(account_id: pulumi.Output[str]) -> list[Statement]:
    use = ("kms:Decrypt", "kms:GenerateDataKey*")
    return [
        Statement(
            sid="Account",
            actions=["kms:*"],
            resources=["*"],
            principals={"AWS": pulumi.Output.format("arn:aws:iam::{0}:root", account_id)},
        ),
        Statement(
            sid="Alarms",
            actions=use,
            resources=["*"],
            principals={"Service": "cloudwatch.amazonaws.com"},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}},
        ),
        Statement(sid="Events", actions=use, resources=["*"], principals={"Service": "events.amazonaws.com"}),
    ]


def _publish_statements(
    topic_arn: pulumi.Input[str], account_id: pulumi.Output[str], *, events: bool
) -> list[Statement]:
    alarms = Statement(
        sid="Alarms",
        actions=["sns:Publish"],
        resources=[topic_arn],
        principals={"Service": "cloudwatch.amazonaws.com"},
        conditions={"StringEquals": {"aws:SourceAccount": account_id}},
    )
    told = Statement(
        sid="Events",
        actions=["sns:Publish"],
        resources=[topic_arn],
        principals={"Service": "events.amazonaws.com"},
    )
    return [alarms, told] if events else [alarms]


def _check(args: AlertChannelsArgs) -> None:
    names = [event.name for event in _events(args)]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"events: came {', '.join(repeated)} more than once; allowed: names that differ")
    if args.region in args.other_regions:
        raise ValueError(f"other_regions: came {args.region}, which is the region itself; allowed others")
    if args.slack is not None:
        for field, value in (("workspace_id", args.slack.workspace_id), ("channel_id", args.slack.channel_id)):
            if not re.fullmatch(r"[0-9A-Z]{1,255}", value):
                raise ValueError(
                    f"slack.{field}: came {value!r}; allowed capital letters and digits, as in Slack's link"
                )
