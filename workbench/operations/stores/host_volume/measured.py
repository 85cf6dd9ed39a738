"""Metrics that a host publishes of the store on it, by the host's name."""

from collections.abc import Mapping, Sequence

from workbench.aws.cloudwatch import CloudWatch, Metric
from workbench.operations.readings import Reading
from workbench.operations.stores.kind import StoreReading
from workbench.stores import VolumeStore

Measured = Mapping[str, float]
"""The newest value of each metric; nothing for one that was not published within a quarter of an hour."""


def start_measuring(
    store: VolumeStore, reading: StoreReading, *, namespace: str, names: Sequence[str]
) -> Reading[Measured]:
    """Begin to read the newest values of metrics."""
    metrics = {
        name: Metric(namespace=namespace, name=name, dimensions={"Host": store.host}, statistic="Maximum")
        for name in names
    }
    return reading.pool.start(reading.wrappers.of(CloudWatch).latest, metrics)
