"""Alarms of a search host: tasks that fail, and a backup that grows old.

Meilisearch's own ``/health`` says "available" with a broken disk (meilisearch/meilisearch#4809): what it was asked to
do and did not is what tells. The host publishes the metrics every five minutes; two of them cost 0.60 USD a month, and
each alarm 0.10 USD.
"""

from dataclasses import dataclass

from zelly_components.alarms.alarm import Alarm, Metric
from zelly_components.base import Known

METRICS_NAMESPACE = "SearchHost"
"""The namespace of what ``search-host observe`` publishes, with the host's name as its only dimension."""

HOST_DIMENSION = "Host"


@dataclass(frozen=True, kw_only=True)
class SearchHostTarget:
    """A search host to watch."""

    label: str
    """Its short name, with which the names of its alarms begin, and which stands in their descriptions."""
    host_name: Known[str]
    """The name under which the host publishes its metrics: the search host's output of the same name."""


def search_host_alarms(target: SearchHostTarget, *, backup_hours: int) -> list[Alarm]:
    """Return the alarms of a Meilisearch: failed tasks, and no successful dump for so many hours.

    Those of the host itself (down, failed units, disk) are ``host_alarms``.
    """
    return [_failed_tasks(target), _backup(target, backup_hours)]


def _failed_tasks(target: SearchHostTarget) -> Alarm:
    return Alarm(
        name=f"{target.label}-failed-tasks",
        description=(
            f"Meilisearch on {target.label} could not do what it was asked to: documents, settings or a dump are not "
            "what whoever wrote them thinks. First: open a session, or use the documents' key, and ask "
            "'/tasks?statuses=failed'; the error of each says whether the disk, the memory or the document is at "
            "fault. Then have it written again."
        ),
        metric=_metric(target, "FailedTasks"),
        threshold=1,
        period_seconds=300,
        periods=1,
        breaching_periods=1,
        # The alarm on its backup rings for a silent server.
        missing_data="notBreaching",
    )


def _backup(target: SearchHostTarget, hours: int) -> Alarm:
    return Alarm(
        name=f"{target.label}-backup",
        description=(
            f"Meilisearch on {target.label} has made no dump for {hours} hours, or does not answer. First: open a "
            "session and read 'journalctl -u search-back-up -u meilisearch -u search-apply'; 'search-host back-up' "
            "tries again. The index can be built anew from the database while there is none."
        ),
        metric=_metric(target, "HoursSinceBackup"),
        threshold=hours,
        period_seconds=300,
        periods=3,
        breaching_periods=3,
        # The host sends this for as long as the server answers.
        missing_data="breaching",
    )


def _metric(target: SearchHostTarget, name: str) -> Metric:
    return Metric(
        namespace=METRICS_NAMESPACE, name=name, statistic="Maximum", dimensions={HOST_DIMENSION: target.host_name}
    )
