"""A service of the sandbox that tests deploy to: its images, its state, and what goes wrong on the way to AWS."""

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse

from sample_infra.program import PROGRAM
from tests.workbench.conftest import Completed, Operator, Up
from workbench.sandbox.ecr.images import Behaviour, sandbox_image
from workbench.sandbox.ecr.pushing import put_image

REGIONS = {"live": "ap-south-1", "trial": "eu-west-1"}
REGISTRY = "123456789012.dkr.ecr.ap-south-1.amazonaws.com"

FOR_EVER = 1e9
"""Seconds of the sandbox until a task is healthy: longer than any test looks."""

Happening = Callable[[Any], Any]
"""Called with a request before it is sent: returns a response in the place of AWS's, raises, or returns None."""


@dataclass(kw_only=True)
class Shop:
    """One service of one stack."""

    up: Up
    operator: Operator
    stack: str
    service: str
    base: int = 0
    """The newest revision when the test began; texts count from it."""

    def __post_init__(self) -> None:
        self.base = self.newest["revision"]

    @property
    def name(self) -> str:
        return f"sample-{self.stack}-{self.service}"

    def client(self, service: str) -> Any:
        return self.up.client(service, REGIONS[self.stack])

    def run(self, verb: str, *arguments: str) -> Completed:
        """Run ``zelly service VERB`` on the service; no secret value may stand in what it prints."""
        stack = () if verb == "promote" else ("--stack", self.stack)
        completed = self.operator.run("service", verb, self.service, *arguments, *stack)
        for value in secret_values(self.up):
            assert value not in completed.stdout + completed.stderr
        return Completed(
            exit_code=completed.exit_code, stdout=self.plain(completed.stdout), stderr=self.plain(completed.stderr)
        )

    def plain(self, text: str) -> str:
        """Return a text without what differs between runs, and without lines of progress."""
        text = re.sub(rf"{self.name}:(\d+)", lambda found: f"REVISION+{int(found[1]) - self.base}", text)
        text = re.sub(r"ecs-svc/\d+", "DEPLOYMENT", text)
        text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "TASK", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
        text = re.sub(r"after \d+ s\b", "after N s", text)
        return re.sub(r"(?m)^\d+ of \d+ new tasks run.*\n", "", text)

    def push(self, tag: str, *, container: str | None = None, arm: bool = False, **behaviour: Any) -> str:
        """Put an image into the registry and return its digest."""
        made = sandbox_image(tag, Behaviour(**behaviour), "ARM64" if arm else "X86_64")
        put_image(self.up.client("ecr", REGIONS["live"]), self.repository(container), tag, made)
        return made.digest

    def deployed_in_the_second_of(self, digest: str) -> int:
        """Return the number of other images, marked as deployed, that the registry dates no earlier than this one."""
        ecr, repository = self.up.client("ecr", REGIONS["live"]), self.repository(None)
        images = ecr.describe_images(repositoryName=repository)["imageDetails"]
        pushed = {image["imageDigest"]: image["imagePushedAt"] for image in images}
        return sum(
            image["imageDigest"] != digest
            and image["imagePushedAt"] >= pushed[digest]
            and any(tag.startswith(f"deployed-{self.stack}") for tag in image.get("imageTags", ()))
            for image in images
        )

    def repository(self, container: str | None = None) -> str:
        entry = next(entry for entry in PROGRAM.services if entry.name == self.service)
        wanted = container or entry.containers[0].name
        return next(str(known.repository) for known in entry.containers if known.name == wanted)

    def image(self, digest: str, container: str | None = None) -> str:
        return f"{REGISTRY}/{self.repository(container)}@{digest}"

    @property
    def described(self) -> Any:
        cluster = f"sample-{self.stack}"
        return self.client("ecs").describe_services(cluster=cluster, services=[self.name])["services"][0]

    @property
    def newest(self) -> Any:
        return self.client("ecs").describe_task_definition(taskDefinition=self.name)["taskDefinition"]

    @property
    def wanted(self) -> int:
        """The revision of the primary deployment, counted from the first."""
        return int(self.described["deployments"][0]["taskDefinition"].rpartition(":")[2]) - self.base

    @property
    def registered(self) -> int:
        """How many revisions were registered since the test began."""
        return self.newest["revision"] - self.base

    @property
    def recorded(self) -> list[dict[str, str]]:
        """The versions of the image parameter, the oldest first."""
        pages = (
            self.client("ssm")
            .get_paginator("get_parameter_history")
            .paginate(Name=f"/sample/{self.stack}/images/{self.service}")
        )
        return [json.loads(version["Value"]) for page in pages for version in page["Parameters"]]

    def change_template(self, **members: Any) -> None:
        """Register a revision of the family as ``pulumi up`` does: with the recorded images, and other members."""
        document = {
            member: value
            for member, value in self.newest.items()
            if member
            in {
                "family",
                "taskRoleArn",
                "executionRoleArn",
                "networkMode",
                "containerDefinitions",
                "volumes",
                "requiresCompatibilities",
                "cpu",
                "memory",
                "runtimePlatform",
            }
        }
        images = self.recorded[-1]
        containers = [
            {**each, "image": images.get(each["name"], each["image"])} for each in document["containerDefinitions"]
        ]
        self.client("ecs").register_task_definition(**{**document, "containerDefinitions": containers, **members})

    def want(self, revision: int) -> None:
        """Do what somebody else does: make another revision the one that is wanted."""
        self.client("ecs").update_service(
            cluster=f"sample-{self.stack}", service=self.name, taskDefinition=f"{self.name}:{self.base + revision}"
        )

    def until(self, holds: Callable[[], bool]) -> None:
        """Look until something holds: the sandbox's seconds go by quickly."""
        for _ in range(1000):
            if holds():
                return
        raise AssertionError("it never came about")

    def until_complete(self) -> None:
        self.until(lambda: self.described["deployments"][0]["rolloutState"] == "COMPLETED")


def secret_values(up: Up) -> Iterator[str]:
    """Yield every secret value of both stacks that is long enough to be one."""
    for region in REGIONS.values():
        secrets = up.client("secretsmanager", region)
        for secret in secrets.list_secrets()["SecretList"]:
            try:
                text = secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
            except secrets.exceptions.ResourceNotFoundException:
                continue
            yield from (str(value) for value in json.loads(text).values() if len(str(value)) >= 16)


@dataclass
class Interference:
    """What happens to requests on their way, by operation and by how often it was called."""

    happenings: dict[str, list[Happening | None]] = field(default_factory=dict[str, list[Happening | None]])
    """By ``service.Operation``: for the first call, the second…; the last one is for all that follow."""

    def on(self, operation: str, *happenings: Happening | None) -> None:
        self.happenings[operation] = list(happenings)

    def before_send(self, request: Any, event_name: str, **_: Any) -> Any:
        waiting = self.happenings.get(event_name.removeprefix("before-send."))
        if not waiting:
            return None
        happening = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return None if happening is None else happening(request)


def refuses(code: str, message: str = "no") -> Happening:
    """Answer with an error of a JSON service."""
    body = json.dumps({"__type": code, "message": message}).encode()

    def answer(request: Any) -> AWSResponse:
        headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
        return AWSResponse(request.url, 400, headers, _Raw(body))

    return answer


def raises(error: BaseException) -> Happening:
    def answer(_: Any) -> None:
        raise error

    return answer


def does(action: Callable[[], object]) -> Happening:
    def answer(_: Any) -> None:
        action()

    return answer


class _Raw(io.BytesIO):
    def stream(self) -> Sequence[bytes]:
        return [self.getvalue()]
