"""What docs/first-day.md states of the stacks, held against their plans."""

import re

from tests.zelly_infra.evaluations import STACKS, evaluation_of
from tests.zelly_infra.stack_files import ROOT
from zelly_infra.catalog import SERVICES
from zelly_infra.names import Names

PAGE = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")
HOSTS = ("bastion", "clickhouse")


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "][1:]


def test_alarms_that_ring_on_the_first_day_are_those_for_which_silence_rings() -> None:
    (held,) = re.findall(r"<!-- held by .*?-->(.*)<!-- end of", PAGE, flags=re.DOTALL)
    named = {name.strip("`") for name, _, _ in rows(held)}
    expanded = {
        alarm.replace("SERVICE", service.name).replace("HOST", host)
        for alarm in named
        for service in SERVICES
        for host in HOSTS
    }
    for stack in STACKS:
        prefix = Names(stack).name("monitoring-")
        silent = {
            resource.name.removeprefix(prefix)
            for resource in evaluation_of(stack).custom()
            if resource.type == "aws:cloudwatch/metricAlarm:MetricAlarm"
            and resource.inputs["treatMissingData"] == "breaching"
        }
        assert silent == expanded


def test_import_line_names_the_record_and_its_component_as_the_program_does() -> None:
    (name,) = re.findall(r"pulumi import cloudflare:index/dnsRecord:DnsRecord (\S+)", PAGE)
    (parent,) = re.findall(r"--parent dns=(\S+)", PAGE)
    (record,) = [resource for resource in evaluation_of("production").resources if resource.name == name]
    assert (record.type, record.parent) == ("cloudflare:index/dnsRecord:DnsRecord", parent)
