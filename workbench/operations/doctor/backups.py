"""The check of a database's dumps. A pure function of what was read."""

from workbench.operations.backups.judging import problems, summary
from workbench.operations.backups.listing import newest_drill
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.words import command


def dumps_verified(where: Where, facts: Facts) -> Judgement:
    """Check that a verified dump and a restore drill are young enough."""
    found = facts.backups
    if isinstance(found, Unread):
        return unread(found)
    backups = found or ()
    wrong = problems(backups, now=where.at)
    if not wrong:
        return done(summary(backups, now=where.at))
    stack = ("--stack", where.stack)
    if not backups:
        return to_do("there is no dump of the database yet", then=command("backup now", *stack))
    if newest_drill(backups) is None and len(wrong) == 1:
        return to_do("no dump was ever restored from the bucket", then=command("backup drill", *stack))
    return broken(*wrong, then=command("backup list", *stack))
