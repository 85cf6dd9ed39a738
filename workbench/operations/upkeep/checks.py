"""Checks of what AWS changed by itself, or is about to change. Each is a pure function of what was read."""

from workbench.counting import listed
from workbench.operations.doctor.facts import Facts, Where
from workbench.operations.doctor.report import Judgement, broken, done, to_do, unread
from workbench.operations.readings import Unread
from workbench.operations.stores.kinds import managed
from workbench.operations.upkeep.versions import Difference, Version


def engine_versions(where: Where, facts: Facts) -> Judgement:
    """Check that the stores that AWS runs have the versions that the stack file pins."""
    stores = managed(where.description)
    there = [kind.is_there(facts.stores[store.label]) for store, kind in stores]
    versions = [kind.version(store, facts.stores[store.label]) for store, kind in stores]
    if failed := list(dict.fromkeys(fact for fact in (*there, *versions) if isinstance(fact, Unread))):
        return unread(*failed)
    known = [version for version in versions if isinstance(version, Version)]
    if len(known) < len(stores):
        labels = " or no ".join(store.label for store, _ in stores)
        return to_do(f"there is no {labels}", then=where.provision_command)
    if not known:
        return done("AWS runs no store")
    differences = [version.difference for version in known if version.difference is not None]
    lines = [difference.line for difference in differences]
    if not differences:
        return done(f"{listed([version.said for version in known])}, as the stack file pins them")
    first = next((one for one in differences if one.difference is not Difference.BEHIND), None)
    if first is None:
        return to_do(*lines, then=where.provision_command)
    return broken(*lines, then=f"write {first.setting} into Pulumi.{where.stack}.yaml")


def maintenance(where: Where, facts: Facts) -> Judgement:
    """Check that AWS has nothing in mind that happens by itself."""
    description, stores = where.description, managed(where.description)
    region = description.region
    read = [*(kind.announced(store, facts.stores[store.label], region) for store, kind in stores), facts.announced]
    if failed := [fact for fact in read if isinstance(fact, Unread)]:
        return unread(*failed)
    found = [one for fact in read if not isinstance(fact, Unread) for one in fact]
    due = [one for one in found if one.at is not None]
    if due:
        return to_do(*(one.line for one in found), then=due[0].command)
    if found:
        return done("nothing happens by itself; offered:", *(one.line for one in found))
    hosts = ["the hosts"] if description.hosts else []
    return done(f"AWS announces nothing for {listed([*(store.label for store, _ in stores), *hosts])}")
