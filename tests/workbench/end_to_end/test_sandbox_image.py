"""``zelly sandbox image``: an image in the embedded registry, and a service that is deployed with it."""

import json

import pytest

from tests.workbench.end_to_end.conftest import Completed, Operator, Sandbox
from workbench.sandbox.ecr.images import Behaviour, behaviour_of, platforms_of, sandbox_image

REGISTRY_REGION = "ap-south-1"


def test_image_is_put_where_its_service_looks_for_it(operator: Operator, sandbox: Sandbox) -> None:
    completed = operator.zelly("sandbox", "image", "events-consumer", "--tag", "staging-00000001")
    digest = sandbox_image("staging-00000001", Behaviour(), "X86_64").digest
    assert completed == Completed(exit_code=0, stdout=f"zelly/events-consumer:staging-00000001 {digest}\n", stderr="")
    again = operator.zelly("sandbox", "image", "events-consumer", "--tag", "staging-00000001")
    assert again == Completed(
        exit_code=0, stdout=completed.stdout, stderr="zelly/events-consumer:staging-00000001 was there already.\n"
    )
    ecr = sandbox.client("ecr", REGISTRY_REGION)
    found = ecr.describe_images(repositoryName="zelly/events-consumer", imageIds=[{"imageDigest": digest}])
    assert [each["imageTags"] for each in found["imageDetails"]] == [["staging-00000001"]]


def test_every_option_is_told_in_the_image(operator: Operator, sandbox: Sandbox) -> None:
    options = (
        *("--container", "caddy", "--crash", "3", "--crash-after", "4", "--log", "one", "--log", "two"),
        *("--ready-after", "5", "--unhealthy", "--architecture", "ARM64", "--run-exit-code", "6", "--run-log", "three"),
    )
    completed = operator.zelly("sandbox", "image", "storefront", "--tag", "staging-00000002", *options, "--json")
    (image,) = json.loads(completed.stdout)["images"]
    manifests = sandbox.client("ecr", REGISTRY_REGION).batch_get_image(
        repositoryName="zelly/caddy", imageIds=[{"imageDigest": image["digest"]}]
    )
    index = json.loads(manifests["images"][0]["imageManifest"])
    assert (behaviour_of(index), platforms_of(index)) == (
        Behaviour(
            ready_after=5,
            unhealthy=True,
            crash=3,
            crash_after=4,
            log=("one", "two"),
            run_exit_code=6,
            run_log=("three",),
        ),
        ["arm64"],
    )
    assert {key: image[key] for key in image if key != "digest"} == {
        "container": "caddy",
        "repository": "zelly/caddy",
        "tag": "staging-00000002",
        "new": True,
    }


def test_all_containers_of_a_service_get_one(operator: Operator) -> None:
    completed = operator.zelly("sandbox", "image", "storefront", "--tag", "staging-00000003")
    assert [line.partition(" ")[0] for line in completed.stdout.splitlines()] == [
        "zelly/astro-storefront:staging-00000003",
        "zelly/caddy:staging-00000003",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("internal-tools",), "service: internal-tools; its images are third parties', which are always there\n"),
        (("storefront", "--container", "nginx"), "--container: nginx; allowed: astro, caddy\n"),
        (("storefront", "--architecture", "amd64"), "--architecture: amd64; allowed: X86_64, ARM64\n"),
    ],
)
def test_mistake_is_one_line(operator: Operator, arguments: tuple[str, ...], message: str) -> None:
    completed = operator.zelly("sandbox", "image", *arguments, "--tag", "staging-00000004")
    assert completed == Completed(exit_code=2, stdout="", stderr=message)


def test_without_an_embedded_aws_there_is_nowhere_to_put_it(
    operator: Operator, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("alone")
    (folder / "Pulumi.yaml").write_text("name: zelly\n")
    monkeypatch.chdir(folder)
    completed = operator.zelly("sandbox", "image", "fastify-nova", "--tag", "staging-00000005")
    assert (completed.exit_code, completed.stdout) == (2, "")
    assert completed.stderr.startswith("no embedded AWS is running; start one with `")
