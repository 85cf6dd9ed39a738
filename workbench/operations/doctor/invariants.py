"""Conditions that have to stay true and no plan can show. Every check is a pure function of what was read."""

from collections.abc import Sequence

from workbench.aws.sns import Subscription
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.stores.kinds import managed


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
    return done(f"{len(alarms)} alarms write to {', '.join(sorted(_confirmed(topics['alarms'])))}")


def _confirmed(subscriptions: Sequence[Subscription]) -> set[str]:
    return {subscription.endpoint for subscription in subscriptions if subscription.is_confirmed}
