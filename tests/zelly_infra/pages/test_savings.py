"""What the switches of the stack files save: each is evaluated, and docs/cost.md says what came of it."""

import json

import pytest

from tests.support.operators import Operator
from tests.zelly_infra.stack_files import ROOT

SWITCHES_OF_PRODUCTION = [
    "services on ARM64",
    "hosts on Graviton",
    "one shared application load balancer",
    "one Elastic IP for the storefront",
    "NAT instance instead of the gateway",
    "Container Insights off",
    "Valkey in the place of Redis",
]
SWITCHES_OF_STAGING = [
    # Container Insights are off there already, and Aurora pauses.
    *(name for name in SWITCHES_OF_PRODUCTION if name != "Container Insights off"),
    "Fargate Spot",
    "nightly stop, weekends too",
]


@pytest.mark.parametrize(
    ("stack", "switches", "wanted_usd"),
    [("production", SWITCHES_OF_PRODUCTION, 330), ("staging", SWITCHES_OF_STAGING, 160)],
)
def test_savings_of_the_whole_program_are_evaluated(
    stack: str,
    switches: list[str],
    wanted_usd: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    document = json.loads(Operator(captured=capsys).run("cost", stack, "--savings", "--json").stdout)
    saved = {saving["switch"]: saving["saves_monthly_usd"] for saving in document["savings"]}
    assert list(saved) == switches
    assert all(usd > 0 for usd in saved.values())
    together = document["together"]
    assert together["monthly_usd"] == pytest.approx(document["monthly_usd"] - together["saves_monthly_usd"])
    # ARM64 and Spot save parts of the same; three metrics of a NAT instance are free once Container Insights is off.
    assert max(saved.values()) < together["saves_monthly_usd"] <= sum(saved.values()) + 3 * 0.30
    assert together["unpriced"] == []
    assert together["monthly_usd"] < wanted_usd
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert f"\n{document['monthly_usd']} now, {together['monthly_usd']} with all of them.\n" in page
    assert [name for name, usd in saved.items() if f"\n{name} " not in page or f" {usd:.2f}  " not in page] == []
