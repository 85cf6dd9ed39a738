"""A service of two containers with its registry, as AWS would answer whoever plans something with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from tests.workbench.operations.failing import failure
from tests.workbench.operations.seen import NOW, D, arn, service
from workbench.aws.ecr.repositories import Image, Manifest
from workbench.aws.ecs.services import Service
from workbench.aws.ecs.task_definitions import TaskDefinition
from workbench.aws.elastic_load_balancing import Target
from workbench.aws.shared.errors import AwsError, Reason
from workbench.aws.ssm import ParameterVersion
from workbench.operations.deploys.ledger import image_document
from workbench.operations.deploys.service import Deployable, RolloutAws, Situation, read_situation

DEPLOYABLE = Deployable(
    stack="staging",
    service="api",
    name="shop-api",
    image_parameter="/shop/api/images",
    log_group="/shop/api",
    repositories={"api": "shop/api", "proxy": "shop/proxy"},
    registry="registry.test",
    tag_prefix="staging",
    deployed_tag_prefix="deployed-staging",
)
STEADY = D(state="COMPLETED", running=1)
MARKED = "deployed-staging-"


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


def images(pair: str) -> dict[str, str]:
    """Return the images of both containers: one letter for the digest of each."""
    api, proxy = pair
    return {"api": f"registry.test/shop/api@{digest(api)}", "proxy": f"registry.test/shop/proxy@{digest(proxy)}"}


def called(letter: str, *tags: str) -> str:
    """Return what operators call an image."""
    return f"{', '.join(tags or (f'staging-{letter}',))} (sha256:{letter * 12})"


def image(repository: str, letter: str, *tags: str, minutes: int = 0) -> Image:
    at = NOW - timedelta(minutes=minutes)
    return Image(repository=repository, digest=digest(letter), tags=tags, pushed_at=at, size_bytes=1)


def repository(name: str, letters: str, *, marked: str = "") -> list[Image]:
    """Return images, the newest first, each with its tag of the stack; ``marked`` are tagged as deployed too."""
    return [
        image(
            name,
            letter,
            *([f"{MARKED}{letter * 12}"] if letter in marked else []),
            f"staging-{letter}",
            minutes=number,
        )
        for number, letter in enumerate(letters)
    ]


def revision(number: int, pair: str, **members: Any) -> TaskDefinition:
    containers = [{"name": name, "image": reference} for name, reference in images(pair).items()]
    document = {"family": "shop-api", "containerDefinitions": containers, **members}
    return TaskDefinition(arn=arn(number), status="ACTIVE", document=document, tags=({"key": "k", "value": "v"},))


def versions(*pairs: str) -> list[ParameterVersion]:
    """Return what the parameter held, the program's own first."""
    return [
        ParameterVersion(
            version=number, value=image_document(images(pair)), written_at=NOW, written_by="arn:aws:iam::1:user/ann"
        )
        for number, pair in enumerate(("00", *pairs), start=1)
    ]


@dataclass
class Shop:
    """What there is; of everything else it knows nothing."""

    is_there: Service = field(default_factory=lambda: service(STEADY))
    revisions: Mapping[int, TaskDefinition] = field(default_factory=lambda: {8: revision(8, "a1")})
    """The last one is the template."""
    deploys: tuple[str, ...] = ("a1",)
    registry: Mapping[str, Sequence[Image]] = field(
        default_factory=lambda: {
            "shop/api": repository("shop/api", "cba", marked="ab"),
            "shop/proxy": repository("shop/proxy", "21", marked="1"),
        }
    )
    policy: str | None = None
    is_policy_denied: bool = False
    built_for: frozenset[str] | None = frozenset({"amd64"})
    secrets: Mapping[str, Mapping[str, Any]] | None = field(default_factory=dict[str, Mapping[str, Any]])
    """None: they may not be read."""
    behind: Mapping[str, list[Target]] = field(default_factory=dict[str, list[Target]])
    """By target group."""
    tagging: AwsError | None = None
    done: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    parameters: list[ParameterVersion] | None = None

    @property
    def aws(self) -> RolloutAws:
        mine = cast("Any", self)
        return RolloutAws(
            ecs=mine,
            service_deployments=mine,
            tasks=mine,
            task_definitions=mine,
            ssm=mine,
            ecr=mine,
            secrets=mine,
            logs=mine,
        )

    @property
    def situation(self) -> Situation:
        return read_situation(DEPLOYABLE, self.aws)

    def services(self, names: Sequence[str]) -> Mapping[str, Service]:
        return {name: self.is_there for name in names if name == self.is_there.name}

    def newest(self, family: str) -> TaskDefinition:
        if family != "shop-api":
            raise failure("ecs:DescribeTaskDefinition", Reason.REFUSED, "ClientException")
        return list(self.revisions.values())[-1]

    def described(self, name: str) -> TaskDefinition:
        return self.revisions[int(name.rpartition(":")[2])]

    def history(self, name: str) -> list[ParameterVersion]:
        assert name == DEPLOYABLE.image_parameter
        return versions(*self.deploys) if self.parameters is None else self.parameters

    def images(self, repository: str) -> Sequence[Image]:
        return self.registry.get(repository, ())

    def lifecycle_policy(self, repository: str) -> str | None:
        assert repository in self.registry
        if self.is_policy_denied:
            raise failure("ecr:GetLifecyclePolicy", Reason.DENIED)
        return self.policy

    def manifest(self, image: Image) -> Manifest:
        return Manifest(text=image.digest, media_type="m")

    def architectures(self, image: Image, manifest: Manifest) -> frozenset[str] | None:
        assert image.digest == manifest.text
        return self.built_for

    def add_tag(self, image: Image, manifest: Manifest, tag: str) -> None:
        assert image.digest == manifest.text
        if self.tagging is not None:
            raise self.tagging
        self.done.append((image.repository, image.digest[7], tag))

    def values_of(self, arn: str) -> Mapping[str, Any] | None:
        if self.secrets is None:
            raise failure("secretsmanager:GetSecretValue", Reason.DENIED)
        return self.secrets.get(arn)

    def targets(self, arn: str) -> list[Target]:
        return self.behind[arn]
