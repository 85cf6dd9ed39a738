"""A CloudWatch dashboard as data: widgets, laid out in rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zelly_components.alarms.alarm import Dimensions
from zelly_components.base import counted

_WIDGET_WIDTH = 8
"""Of CloudWatch's grid of 24 columns: three widgets in a row."""

_WIDGET_HEIGHT = 6

_GRID_WIDTH = 24


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a widget: a metric and how it is drawn."""

    namespace: str
    """The namespace of the metric, e.g. ``AWS/ECS``."""
    metric: str
    """The metric's name in its namespace, e.g. ``CPUUtilization``."""
    dimensions: Dimensions
    """The dimensions that the metric is published with: name to value."""
    statistic: str
    """One of CloudWatch's statistics, such as ``Average`` or ``Sum``, percentiles such as ``p95`` included."""
    label: str
    """What the graph's legend calls the line."""


@dataclass(frozen=True, kw_only=True)
class Widget:
    """A graph over time."""

    title: str
    """The heading above the graph."""
    lines: Sequence[Line]
    """The lines that are drawn, each minute a point; one or more."""
    is_percentage: bool = False
    """Whether its axis goes from 0 to 100. Left out, CloudWatch chooses the axis."""


def dashboard_body(region: str, widgets: Sequence[Widget]) -> dict[str, Any]:
    """Return the dashboard in CloudWatch's structure. It still holds Outputs: write it with ``Output.json_dumps``.

    The widgets stand three in a row, in their order.
    """
    return {
        "start": "-PT3H",
        "widgets": [
            {
                "type": "metric",
                "width": _WIDGET_WIDTH,
                "height": _WIDGET_HEIGHT,
                **_position(index),
                "properties": {
                    "region": region,
                    "view": "timeSeries",
                    "stacked": False,
                    "period": 60,
                    **_properties(widget),
                },
            }
            for index, widget in enumerate(widgets)
        ],
    }


def _position(index: int) -> dict[str, int]:
    row, column = divmod(index, _GRID_WIDTH // _WIDGET_WIDTH)
    return {"x": column * _WIDGET_WIDTH, "y": row * _WIDGET_HEIGHT}


def _properties(widget: Widget) -> dict[str, Any]:
    axis = {"yAxis": {"left": {"min": 0, "max": 100}}} if widget.is_percentage else {}
    return {"title": widget.title, "metrics": [_metric(line) for line in widget.lines], **axis}


def _metric(line: Line) -> list[Any]:
    """Return a line as CloudWatch reads it: namespace, name, each dimension's name and value, and how it is drawn."""
    pairs = [part for dimension in counted("widgets.lines.dimensions", line.dimensions).items() for part in dimension]
    return [line.namespace, line.metric, *pairs, {"stat": line.statistic, "label": line.label}]
