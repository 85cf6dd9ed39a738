"""What the engine hands to the program is checked before anything is made."""

import json

import pulumi
import pytest

from tests.zelly_infra.stack_files import environment_of
from workbench.config.stack_file import UNREADABLE_SECRET
from workbench.evaluate import evaluate
from zelly_infra.config import EnvironmentConfig
from zelly_infra.load import load

ENVIRONMENT = json.dumps(environment_of("staging"))


def load_in(stack: str, config: dict[str, str], secret_keys: list[str] | None = None) -> EnvironmentConfig:
    loaded: list[EnvironmentConfig] = []
    evaluate(lambda: loaded.append(load()), project="zelly", stack=stack, config=config, secret_keys=secret_keys)
    return loaded[0]


def test_config_of_the_running_stack_is_loaded() -> None:
    environment = load_in(
        "staging", {"zelly:env": ENVIRONMENT, "cloudflare:apiToken": "token"}, ["cloudflare:apiToken"]
    )
    assert (environment.environment, environment.region) == ("staging", "ap-southeast-1")


def test_an_image_that_is_still_to_be_chosen_is_refused_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    unchosen = ENVIRONMENT.replace(environment_of("staging")["bastion"]["ami_id"], "ami-00000000")
    config = {"zelly:env": unchosen, "cloudflare:apiToken": "token"}
    with pytest.raises(pulumi.RunError) as caught:
        load_in("staging", config, ["cloudflare:apiToken"])
    assert str(caught.value).splitlines() == [
        f"Pulumi.staging.yaml: zelly:env.{host}.ami_id: ami-00000000 stands for an image that is still to be chosen; "
        "one of ap-southeast-1 is required"
        for host in ("clickhouse", "bastion")
    ]
    # What has no EC2 behind it can do without: a plan, and an AWS on this machine.
    assert load_in("staging", {**config, "cloudflare:apiToken": UNREADABLE_SECRET}).bastion.ami_id == "ami-00000000"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert load_in("staging", config).bastion.ami_id == "ami-00000000"


def test_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", "token")
    assert load_in("staging", {"zelly:env": ENVIRONMENT}).environment == "staging"


@pytest.mark.parametrize(
    ("stack", "config", "message"),
    [
        (
            "staging",
            {},
            "Pulumi.staging.yaml: zelly:env: missing; a mapping with the keys of EnvironmentConfig is required",
        ),
        (
            "production",
            {"zelly:env": ENVIRONMENT, "cloudflare:apiToken": "token"},
            "Pulumi.production.yaml: zelly:env.environment: came staging; allowed: production, as the stack",
        ),
        (
            "staging",
            {"zelly:env": ENVIRONMENT},
            "Pulumi.staging.yaml: cloudflare:apiToken: missing; set it with "
            "`pulumi config set --secret cloudflare:apiToken`, or export CLOUDFLARE_API_TOKEN",
        ),
        (
            "staging",
            {"zelly:env": ENVIRONMENT.replace('"ap-southeast-1"', "5", 1), "cloudflare:apiToken": "token"},
            "Pulumi.staging.yaml: zelly:env.region: came 5; allowed: an AWS region, e.g. ap-south-1",
        ),
    ],
)
def test_wrong_config_ends_the_run_with_one_line(
    stack: str, config: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    with pytest.raises(pulumi.RunError) as caught:
        load_in(stack, config)
    assert str(caught.value) == message
