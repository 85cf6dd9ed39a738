"""A service of ECS, with its images and its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.aws.ecr.repositories import Ecr, Image
from workbench.aws.ecs.service_deployments import ServiceDeployment, ServiceDeployments
from workbench.aws.ecs.services import Deployment, Ecs, Service
from workbench.aws.ecs.task_definitions import TaskDefinition, TaskDefinitions
from workbench.aws.ecs.tasks import EcsTasks
from workbench.aws.logs.events import Logs
from workbench.aws.secrets_manager.secrets import SecretsManager
from workbench.aws.shared.errors import AwsError, Reason
from workbench.aws.ssm import Ssm
from workbench.errors import OperatorError
from workbench.names import BuiltTags
from workbench.operations.deploys.ledger import Entry, entries, recorded_images
from workbench.operations.images.expiry import Expiry, expiry
from workbench.operations.images.references import SHORT_DIGEST_CHARACTERS, label, parsed
from workbench.operations.readings import Unread, attempt
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class Deployable:
    """A service: its names, and the repositories of its images."""

    stack: str
    service: str
    """The catalog's name."""
    name: str
    """ECS's name of the service, and of its family of task definitions."""
    image_parameter: str
    log_group: str
    repositories: Mapping[str, str]
    """By the containers whose images are deployed, the application's own first."""
    registry: str
    """The registry's host."""
    tag_prefix: str
    """How this stack's tags begin, without the hyphen."""
    deployed_tag_prefix: str
    """How the tags of images that this stack deployed begin, without the hyphen."""
    commit_digits: int = 8
    """How many digits of a commit the tags have, as :class:`~workbench.names.BuiltTags` counts them."""
    approval_parameter: str | None = None
    """The record of approvals to promote to this stack; None: promotions need none."""

    @property
    def built_tags(self) -> BuiltTags:
        """The tags that may be deployed."""
        return BuiltTags(prefix=self.tag_prefix, commit_digits=self.commit_digits)

    def command(self, verb: str, *arguments: str) -> str:
        """Return a command on this service, for texts."""
        return command("service", verb, self.service, *arguments, "--stack", self.stack)

    def reference(self, container: str, *, tag: str | None = None, digest: str | None = None) -> str:
        """Return the name of an image of a container's repository, by its digest, else by its tag."""
        name = f"{self.registry}/{self.repositories[container]}"
        return f"{name}:{tag}" if digest is None else f"{name}@{digest}"

    def deployed_tag(self, digest: str) -> str:
        """Return the tag that tells the registry's lifecycle policy that an image was deployed in this stack.

        It is made of the digest: so it names one image for ever, as tags here do, and is never needed twice.
        """
        return f"{self.deployed_tag_prefix}-{digest.partition(':')[2][:SHORT_DIGEST_CHARACTERS]}"


CIRCUIT_BREAKER = "circuit breaker"
"""In ECS's words about a deployment that it gave up, and about the one that it rolls back to."""


@dataclass(frozen=True, kw_only=True)
class RolloutAws:
    """The AWS wrappers of a rollout."""

    ecs: Ecs
    service_deployments: ServiceDeployments
    tasks: EcsTasks
    task_definitions: TaskDefinitions
    ssm: Ssm
    ecr: Ecr
    secrets: SecretsManager
    logs: Logs


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The state of a service before a rollout."""

    service: Service
    primary: Deployment
    """The deployment that is wanted."""
    running: TaskDefinition
    """Its revision."""
    template: TaskDefinition
    """The newest revision of the family."""
    recorded: Mapping[str, str]
    """The images that the parameter holds, by container."""
    deploys: tuple[Entry, ...]
    """The oldest first."""
    deployed_containers: tuple[str, ...]
    shift: ServiceDeployment | None = None
    """The newest deployment of a service whose deployments shift traffic; None for a rolling one."""
    shift_unread: str = ""
    """Why that deployment could not be read, in one line; empty: it could, or there is none."""

    @property
    def is_shifting(self) -> bool:
        """True while a deployment that shifts traffic is under way."""
        return self.shift is not None and self.shift.is_under_way

    @property
    def running_images(self) -> Mapping[str, str]:
        """The images of the deployed containers in the wanted revision."""
        return {container: self.running.images[container] for container in self.deployed_containers}

    @property
    def is_steady(self) -> bool:
        """True if the rollout is complete and all tasks run."""
        return (
            not self.is_shifting
            and self.primary.rollout_state == "COMPLETED"
            and self.service.desired_count > 0
            and self.service.running_count == self.service.desired_count
        )

    @property
    def is_returning(self) -> bool:
        """True while ECS returns to the last healthy images, after its circuit breaker or a command ended a deploy.

        A restart of the recorded images counts too.
        """
        if self.shift is not None:
            return self.shift.is_returning
        primary = self.primary
        if primary.rollout_state != "IN_PROGRESS":
            return False
        last = self.deploys[-1].images if self.deploys else None
        return CIRCUIT_BREAKER in primary.rollout_reason or (bool(last) and self.running_images == last)

    @property
    def unrecorded(self) -> Mapping[str, str] | None:
        """The images that run steadily and are not recorded as the last deploy; None if they are recorded.

        They come from a deploy that succeeded after its command had ended, or from one by other means.
        """
        last = self.deploys[-1].images if self.deploys else None
        return self.running_images if self.running_images and self.is_steady and self.running_images != last else None

    @property
    def healthy_images(self) -> Mapping[str, str]:
        """The images that were last healthy, else those in the parameter, by container."""
        # While traffic goes back, the deployment that is wanted may still be the one that it leaves.
        if self.is_returning and self.shift is None:
            return self.running_images
        return self.recorded if self.unrecorded is None else self.unrecorded

    def never_had_an_image(self, container: str) -> bool:
        """Tell whether no known deploy gave a container an image."""
        return all(container not in deploy.images for deploy in self.deploys) and self.unrecorded is None

    @property
    def last_completed(self) -> Deployment | None:
        """The deployment that ECS would roll back to."""
        return next((known for known in self.service.deployments if known.rollout_state == "COMPLETED"), None)


class Images:
    """The images in a service's repositories, read once."""

    def __init__(self, deployable: Deployable, ecr: Ecr) -> None:
        self._deployable = deployable
        self._ecr = ecr
        self._found: dict[str, Sequence[Image]] = {}
        self._policies: dict[str, str | Unread | None] = {}

    def of(self, container: str) -> Sequence[Image]:
        """Return the images of a container's repository, the newest first."""
        repository = self._deployable.repositories[container]
        if repository not in self._found:
            self._found[repository] = self._ecr.images(repository)
        return self._found[repository]

    def expiry(self, container: str, image: Image, *, is_tagged: bool = False) -> Expiry | Unread | None:
        """Return the expiry of an image, now or once it is tagged as deployed; None if it does not expire."""
        repository = self._deployable.repositories[container]
        if repository not in self._policies:
            self._policies[repository] = attempt(self._ecr.lifecycle_policy, repository)
        policy = self._policies[repository]
        if isinstance(policy, Unread):
            return policy
        tags = (*image.tags, self._deployable.deployed_tag(image.digest)) if is_tagged else image.tags
        return expiry(replace(image, tags=tags), self.of(container), policy)

    def is_marked(self, image: Image) -> bool:
        """Tell whether an image has the tag of images that were deployed in the stack."""
        return self._deployable.deployed_tag(image.digest) in image.tags

    def find(self, container: str, *, tag: str | None = None, digest: str | None = None) -> Image | None:
        """Return the image of a digest, else of a tag; None if the repository has neither."""
        if digest is not None:
            return next((image for image in self.of(container) if image.digest == digest), None)
        return next((image for image in self.of(container) if tag in image.tags), None)

    def find_reference(self, container: str, reference: str) -> Image | None:
        """Return the image that a container's image name means."""
        name = parsed(reference)
        return self.find(container, tag=name.tag, digest=name.digest)

    def label(self, container: str, reference: str) -> str:
        """Return the label of a container's image: its tags and a short digest."""
        image = self.find_reference(container, reference)
        if image is not None:
            return label(image.digest, image.tags, self._deployable.tag_prefix)
        name = parsed(reference)
        return label(name.digest, [name.tag] if name.tag is not None else [], self._deployable.tag_prefix)

    def newest(self, container: str) -> Image | None:
        """Return the newest image that has a tag of this stack; None when there is none."""
        built = self._deployable.built_tags
        return next((image for image in self.of(container) if any(built.match(tag) for tag in image.tags)), None)

    def newest_tags(self, container: str, count: int = 5) -> list[str]:
        """Return the tags of this stack of the newest images."""
        built = self._deployable.built_tags
        return [tag for image in self.of(container) for tag in image.tags if built.match(tag)][:count]


def read_situation(deployable: Deployable, aws: RolloutAws) -> Situation:
    """Read the state of a service.

    Raises:
        OperatorError: when it is not in ECS.
    """
    service = aws.ecs.services([deployable.name]).get(deployable.name)
    if service is None or service.status != "ACTIVE" or service.primary is None:
        raise OperatorError(f"service: {deployable.name} is not in ECS; `pulumi up` makes it")
    template = aws.task_definitions.newest(deployable.name)
    primary = service.primary
    same = primary.task_definition_arn == template.arn
    shift, shift_unread = _read_shift(service, aws)
    # What no deploy changes has no record of deploys.
    versions = aws.ssm.history(deployable.image_parameter) if deployable.repositories else []
    return Situation(
        service=service,
        primary=primary,
        running=template if same else aws.task_definitions.described(primary.task_definition_arn),
        template=template,
        recorded=recorded_images(deployable.image_parameter, versions) if versions else {},
        deploys=tuple(entries(versions)),
        deployed_containers=tuple(deployable.repositories),
        shift=shift,
        shift_unread=shift_unread,
    )


def _read_shift(service: Service, aws: RolloutAws) -> tuple[ServiceDeployment | None, str]:
    if not service.strategy.shifts_traffic:
        return None, ""
    try:
        return aws.service_deployments.newest(service.name), ""
    except AwsError as error:
        # Whoever only wants to know whether a service is healthy has the rollout's state, and needs no right to this.
        if error.reason is not Reason.DENIED:
            raise
        return None, error.lines[0]
