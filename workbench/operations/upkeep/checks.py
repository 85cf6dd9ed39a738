"""Checks of what AWS changed by itself, or is about to. Each is a pure function of what was read."""

from datetime import timedelta

from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.times import utc
from workbench.operations.upkeep.announced import announcements
from workbench.operations.upkeep.versions import Difference, aurora_difference, redis_difference

_AUTHORITY_ENDS = timedelta(days=365)
"""RDS asks for half a year at least to rotate an authority; a certificate of it lasts a year at the most ("Rotating
your SSL/TLS certificate", RDS User Guide)."""


def engine_versions(where: Where, facts: Facts) -> Judgement:
    """Check that Aurora and Redis run what the stack file pins."""
    aurora, redis = facts.aurora, facts.upkeep.redis
    if failed := [fact for fact in (aurora, redis) if isinstance(fact, Unread)]:
        return unread(*failed)
    if aurora is None or isinstance(aurora, Unread) or redis is None or isinstance(redis, Unread):
        return to_do("there is no Aurora or no Redis", then=where.provision_command)
    running = aurora.cluster.engine_version
    compared = (aurora_difference(where.landscape, running), redis_difference(where.landscape, redis))
    differences = [difference for difference in compared if difference is not None]
    lines = [difference.line for difference in differences]
    if not differences:
        return done(f"Aurora {running} and {redis}, as the stack file pins them")
    first = next((one for one in differences if one.difference is not Difference.BEHIND), None)
    if first is None:
        return to_do(*lines, then=where.provision_command)
    return broken(*lines, then=f"write {first.setting} into Pulumi.{where.stack}.yaml")


def maintenance(where: Where, facts: Facts) -> Judgement:
    """Check that AWS has nothing in mind that happens by itself."""
    upkeep = facts.upkeep
    if failed := [
        fact for fact in (upkeep.database_actions, upkeep.cache_updates, upkeep.host_events) if isinstance(fact, Unread)
    ]:
        return unread(*failed)
    found = announcements(upkeep, where.landscape.region)
    due = [one for one in found if one.at is not None]
    if due:
        return to_do(*(one.line for one in found), then=due[0].command)
    if found:
        return done("nothing happens by itself; offered:", *(one.line for one in found))
    return done("AWS announces nothing for Aurora, Redis and the hosts")


def certificate_authority(where: Where, facts: Facts) -> Judgement:
    """Check that the authority of Aurora's certificate lasts: clients that trust only it stop connecting at its end."""
    authorities = facts.certificate_authorities
    if isinstance(authorities, Unread):
        return unread(authorities)
    if not authorities:
        return to_do("there is no instance of Aurora", then=where.provision_command)
    first = min(authorities, key=lambda one: one.valid_till)
    said = f"{first.identifier} is valid until {utc(first.valid_till)}"
    if first.valid_till - where.at < _AUTHORITY_ENDS:
        return broken(said, then=f"aws rds describe-certificates --region {where.landscape.region}")
    return done(said)
