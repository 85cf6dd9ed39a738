"""The Worker that passes an API to its origin: its resources, and its script run by Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import require_program
from workbench.evaluate import Evaluation, evaluate
from zelly_components import api_route
from zelly_components.api_route import ApiRoute, ApiRouteArgs

ZONE, ACCOUNT = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
SCRIPT = Path(api_route.__file__).parent / "edge" / "templates" / "api_route.js"

TRIAL = """
import worker from SCRIPT;
let sent;
globalThis.fetch = async (request, options) => {
  sent = { url: request.url, method: request.method, headers: Object.fromEntries(request.headers), ...options,
           body: request.body === null ? null : await request.text() };
  return new Response("answered", { status: 418 });
};
const asked = JSON.parse(process.argv[1]);
const response = await worker.fetch(new Request(asked.url, asked.init), { ORIGIN_HOSTNAME: "origin.shop.example" });
console.log(JSON.stringify({ ...sent, status: response.status }));
"""


def record(**changes: Any) -> Evaluation:
    values: dict[str, Any] = {
        "account_id": ACCOUNT,
        "zone_id": ZONE,
        "hostname": "shop.example",
        "path": "/api/",
        "origin_hostname": "origin.shop.example",
        "script_name": "shop-api",
    }
    return evaluate(lambda: ApiRoute("route", ApiRouteArgs(**(values | changes))) and None)


def test_only_the_paths_of_the_api_reach_the_worker_and_it_knows_the_origin() -> None:
    evaluation = record()
    assert evaluation.one("cloudflare:index/workersRoute:WorkersRoute").inputs == {
        "zoneId": ZONE,
        "pattern": "shop.example/api/*",
        "script": "shop-api",
    }
    script = evaluation.one("cloudflare:index/workersScript:WorkersScript").inputs
    assert script["bindings"] == [{"name": "ORIGIN_HOSTNAME", "type": "plain_text", "text": "origin.shop.example"}]
    assert (script["accountId"], script["mainModule"]) == (ACCOUNT, "worker.js")
    assert script["content"] == SCRIPT.read_text()


def passed_on(tmp_path: Path, url: str, **init: Any) -> dict[str, Any]:
    node = require_program("node", package="nodejs")
    module = tmp_path / "worker.mjs"
    module.write_text(SCRIPT.read_text())
    code = TRIAL.replace("SCRIPT", json.dumps(module.as_uri()))
    asked = json.dumps({"url": url, "init": init})
    command = [node, "--input-type=module", "--eval", code, asked]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_worker_passes_a_request_on_as_it_came_but_for_the_name(tmp_path: Path) -> None:
    sent = passed_on(
        tmp_path,
        "https://shop.example/api/v1/orders?b=2&a=%20x",
        method="POST",
        headers={"authorization": "Bearer x", "cf-connecting-ip": "203.0.113.7"},
        body='{"a":1}',
        duplex="half",
    )
    assert sent["url"] == "https://origin.shop.example/api/v1/orders?b=2&a=%20x"
    assert (sent["method"], sent["body"], sent["redirect"], sent["status"]) == ("POST", '{"a":1}', "manual", 418)
    kept = {name: sent["headers"][name] for name in ("authorization", "cf-connecting-ip", "x-forwarded-host")}
    assert kept == {
        "authorization": "Bearer x",
        "cf-connecting-ip": "203.0.113.7",
        "x-forwarded-host": "shop.example",
    }


def test_what_a_checker_is_known_by_does_not_reach_the_origin(tmp_path: Path) -> None:
    sent = passed_on(
        tmp_path, "https://shop.example/api/v1/health?x-uptime-token=s3cret", headers={"x-uptime-token": "s3cret"}
    )
    assert sent["url"] == "https://origin.shop.example/api/v1/health"
    assert "s3cret" not in json.dumps(sent)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "/api"}, "path: came '/api'; allowed a path with a slash at both ends, such as /api/"),
        (
            {"origin_hostname": "shop.example"},
            "origin_hostname: came shop.example; allowed another name than the hostname",
        ),
        ({"script_name": "A b"}, "script_name: came 'A b'; allowed lower-case letters, digits, - and _"),
    ],
)
def test_bad_input_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        record(**changes)
    assert str(error.value) == message
