"""What is asked of ECR and made of its answers."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.workbench.aws.stubbed import stubbed
from workbench.aws.ecr.repositories import Ecr, Image, Manifest
from workbench.aws.shared.errors import AwsError

PUSHED = datetime(2026, 5, 4, tzinfo=UTC)
IMAGE = Image(repository="shop/api", digest="sha256:1", tags=("a", "b"), pushed_at=PUSHED)
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
SINGLE = Manifest(text='{"config": {"digest": "sha256:config"}}', media_type=OCI_MANIFEST)


@pytest.fixture
def config_link() -> Iterator[Any]:
    """Serve documents on this machine, as ECR's links lead to: returns the link to one that is given."""
    served: dict[str, tuple[int, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = served[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that it overrides)
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def link(status: int, body: str) -> str:
        served["/config"] = (status, body.encode())
        return f"http://127.0.0.1:{server.server_address[1]}/config"

    yield link
    server.shutdown()
    thread.join()
    server.server_close()


def described(digest: str, day: int, *tags: str) -> dict[str, Any]:
    return {"imageDigest": digest, "imageTags": list(tags), "imagePushedAt": PUSHED.replace(day=day)}


def test_images_of_all_pages_come_the_newest_first() -> None:
    with stubbed() as connection:
        ecr = connection.repeatable("ecr")
        ecr.add_response(
            "describe_images",
            {"imageDetails": [described("sha256:1", 4, "b", "a")], "nextToken": "more"},
            {"repositoryName": "shop/api"},
        )
        ecr.add_response(
            "describe_images",
            {"imageDetails": [described("sha256:2", 5)]},
            {"repositoryName": "shop/api", "nextToken": "more"},
        )
        assert Ecr(connection).images("shop/api") == [
            Image(repository="shop/api", digest="sha256:2", tags=(), pushed_at=PUSHED.replace(day=5)),
            IMAGE,
        ]


def test_a_repository_that_is_not_there_has_no_images() -> None:
    with stubbed() as connection:
        connection.repeatable("ecr").add_client_error("describe_images", "RepositoryNotFoundException")
        assert Ecr(connection).images("shop/api") == []


def test_images_that_may_not_be_listed_are_an_error() -> None:
    with stubbed() as connection:
        connection.repeatable("ecr").add_client_error("describe_images", "AccessDeniedException", "no")
        with pytest.raises(AwsError, match=r"^ecr:DescribeImages, repository shop/api: AccessDeniedException: no"):
            Ecr(connection).images("shop/api")


@pytest.mark.parametrize("given", [OCI_INDEX, None])
def test_manifest_is_the_text_as_it_was_pushed(given: str | None) -> None:
    text = json.dumps({"mediaType": OCI_INDEX, "manifests": []})
    found: dict[str, Any] = {"imageManifest": text} | ({} if given is None else {"imageManifestMediaType": given})
    with stubbed() as connection:
        connection.repeatable("ecr").add_response(
            "batch_get_image",
            {"images": [found]},
            {
                "repositoryName": "shop/api",
                "imageIds": [{"imageDigest": "sha256:1"}],
                "acceptedMediaTypes": [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST],
            },
        )
        assert Ecr(connection).manifest(IMAGE) == Manifest(text=text, media_type=OCI_INDEX)


def test_an_image_that_went_away_meanwhile_is_an_error() -> None:
    failure = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    with stubbed() as connection:
        connection.repeatable("ecr").add_response("batch_get_image", {"images": [], "failures": [failure]})
        with pytest.raises(AwsError, match=r"^ecr:BatchGetImage, repository shop/api: ImageNotFound: Requested image"):
            Ecr(connection).manifest(IMAGE)


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST])
def test_an_index_lists_its_architectures_and_attestations_are_none(media_type: str) -> None:
    platforms = [("amd64", "linux"), ("arm64", "linux"), ("unknown", "unknown"), ("amd64", "windows")]
    manifests = [{"platform": {"architecture": architecture, "os": system}} for architecture, system in platforms]
    manifest = Manifest(text=json.dumps({"manifests": [*manifests, {}]}), media_type=media_type)
    with stubbed() as connection:
        assert Ecr(connection).architectures(IMAGE, manifest) == {"amd64", "arm64"}


def test_a_single_image_says_it_in_its_config(config_link: Any) -> None:
    with stubbed() as connection:
        connection.once("ecr").add_response(
            "get_download_url_for_layer",
            {"downloadUrl": config_link(200, '{"architecture": "arm64", "os": "linux"}')},
            {"repositoryName": "shop/api", "layerDigest": "sha256:config"},
        )
        assert Ecr(connection).architectures(IMAGE, SINGLE) == {"arm64"}


@pytest.mark.parametrize(("status", "body"), [(200, "{}"), (200, "no JSON"), (403, '{"architecture": "arm64"}')])
def test_a_config_that_tells_nothing_leaves_it_unknown(config_link: Any, status: int, body: str) -> None:
    with stubbed() as connection:
        connection.once("ecr").add_response("get_download_url_for_layer", {"downloadUrl": config_link(status, body)})
        assert Ecr(connection).architectures(IMAGE, SINGLE) is None


def test_a_config_that_may_not_be_read_leaves_it_unknown() -> None:
    with stubbed() as connection:
        connection.once("ecr").add_client_error("get_download_url_for_layer", "AccessDeniedException")
        assert Ecr(connection).architectures(IMAGE, SINGLE) is None


def test_a_tag_is_added_to_the_very_manifest() -> None:
    with stubbed() as connection:
        connection.repeatable("ecr").add_response(
            "put_image",
            {},
            {
                "repositoryName": "shop/api",
                "imageManifest": SINGLE.text,
                "imageManifestMediaType": OCI_MANIFEST,
                "imageTag": "prod-1",
                "imageDigest": "sha256:1",
            },
        )
        Ecr(connection).add_tag(IMAGE, SINGLE, "prod-1")
