"""Conditions that have to stay true and no plan can show. Every check is a pure function of what was read."""

from collections.abc import Mapping, Sequence

from workbench.aws.cloudwatch import Alarm
from workbench.aws.sns import Subscription
from workbench.operations.alerts.topics import topic_arns
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.stores.kinds import managed
from workbench.words import command


def log_retention(where: Where, facts: Facts) -> Judgement:
    """Check that no log group keeps its lines for ever."""
    if isinstance(facts.log_groups, Unread):
        return unread(facts.log_groups)
    endless = [group.name for group in facts.log_groups if group.retention_days is None]
    if endless:
        first = f"aws logs put-retention-policy --log-group-name {endless[0]} --retention-in-days 30"
        return broken(
            *(f"{name} keeps its lines for ever" for name in endless),
            then=f"{first} --region {where.description.region}",
        )
    if not facts.log_groups:
        return to_do("there are no log groups", then=where.provision_command)
    return done("every log group lets lines go in time")


def log_groups_known(where: Where, facts: Facts) -> Judgement:
    """Check that every log group is one of the program's: others are made by a writer with too many permissions."""
    if isinstance(facts.log_groups, Unread):
        return unread(facts.log_groups)
    strange = [group.name for group in facts.log_groups if group.name not in where.description.log_groups]
    if strange:
        return broken(
            *(f"{name} is not the program's" for name in strange),
            then=f"aws logs describe-log-streams --log-group-name {strange[0]} --region {where.description.region}",
        )
    return done(f"all below {where.description.log_group_prefix} are the program's")


def alarm_mails(where: Where, facts: Facts) -> Judgement:
    """Check that somebody hears the alarms, and the events that stores publish to topics of their own."""
    if isinstance(facts.alarms, Unread):
        return unread(facts.alarms)
    alarms, subscriptions = facts.alarms.alarms, facts.alarms.subscriptions
    if not alarms:
        return to_do("there are no alarms", then=where.provision_command)
    found = {"alarms": subscriptions}
    for store, kind in managed(where.description):
        events = kind.event_subscriptions(facts.stores[store.label])
        found |= {} if events is None else {f"{store.label}'s events": events}
    if failed := [told for told in found.values() if isinstance(told, Unread)]:
        return unread(*failed)
    topics = {topic: told for topic, told in found.items() if not isinstance(told, Unread)}
    lines = [
        *(f"{alarm.name} tells nobody" for alarm in alarms if not alarm.actions),
        *(
            f"{email}: not subscribed to {topic}"
            for topic, told in topics.items()
            for email in where.description.alarm_emails
            if email not in {subscription.endpoint for subscription in told}
        ),
    ]
    if lines:
        return broken(*lines, then=where.provision_command)
    waiting = [
        f"{email}: has not confirmed the subscription to {topic}"
        for topic, told in topics.items()
        for email in where.description.alarm_emails
        if email not in _confirmed(told)
    ]
    if waiting:
        return to_do(*waiting, then="follow the link in each mail from AWS Notifications")
    written = {each.shown for each in topics["alarms"] if each.is_confirmed and not each.is_url}
    return done(f"{len(alarms)} alarms write to {', '.join(sorted(written))}")


def _confirmed(subscriptions: Sequence[Subscription]) -> set[str]:
    return {subscription.endpoint for subscription in subscriptions if subscription.is_confirmed}


def alert_channels(where: Where, facts: Facts) -> Judgement:
    """Check that a pager hears of what pages and the chat of everything, and that no alarm tells another topic."""
    known, expected = topic_arns(where.description), where.description.alert_topics
    if isinstance(facts.alarms, Unread):
        return unread(facts.alarms)
    if isinstance(facts.alarms.channels, Unread):
        return unread(facts.alarms.channels)
    found = facts.alarms.channels
    if not found:
        return to_do("there are no topics", then=where.provision_command)
    pagers = [each for each in found.get(known["page"], ()) if each.is_url and not each.is_chat]
    chats = [each for each in found.get(known["inform"], ()) if each.is_chat]
    wants_chat = expected is not None and expected.has_chat
    lines = [
        *(f"{arn.rpartition(':')[2]} is not there" for arn in known.values() if arn not in found),
        *(f"{arn.rpartition(':')[2]}: nobody hears of it" for arn, told in found.items() if not told),
        *(["nobody is paged: no pager is subscribed to the page topic"] if not pagers else []),
        *(["the chat does not hear of anything: it is not subscribed to the inform topic"]
          if wants_chat and not chats else []),
        *_astray(known, found),
        *_told_elsewhere(known, facts.alarms.alarms),
    ]  # fmt: skip
    if lines:
        return broken(*lines, then=where.provision_command)
    waiting = [each.shown for each in (*pagers, *chats) if not each.is_confirmed]
    if waiting:
        return to_do(
            *(f"{shown}: has not confirmed its subscription" for shown in waiting),
            then=command("alerts list", "--stack", where.stack),
        )
    heard = ", ".join(each.shown for each in (*pagers, *chats))
    return done(f"{heard} hear of it; `{command('alerts test', '--stack', where.stack)}` sends a test")


def _astray(known: Mapping[str, str], found: Mapping[str, Sequence[Subscription]]) -> list[str]:
    """Return those that are subscribed to the topic of the other severity."""
    chat = any(each.is_chat for each in found.get(known["page"], ()))
    pagers = [each.shown for each in found.get(known["inform"], ()) if each.is_url and not each.is_chat]
    return [
        *(["the chat is subscribed to the page topic: it shows each outage twice"] if chat else []),
        *(f"{shown} is subscribed to the inform topic: every trend pages" for shown in pagers),
    ]


def _told_elsewhere(known: Mapping[str, str], alarms: Sequence[Alarm]) -> list[str]:
    return [
        f"{alarm.name} tells {action.rpartition(':')[2]}, which is none of the channels' topics"
        for alarm in alarms
        for action in alarm.actions
        if action.split(":")[2] == "sns" and action not in known.values()
    ]
