"""Another environment: a copy of a stack's files with values of its own, and additions to the other files.

What can't be known without AWS, and what only a person can decide, is left as it is and said.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from workbench.config import types
from workbench.config.errors import Schemas
from workbench.config.neighbours import cidr_of
from workbench.config.stack_file import check_against_others, stack_names
from workbench.config.types import UNCHOSEN_AMI
from workbench.errors import OperatorError
from workbench.operations.stack_files.editing import EditedFile, Values, append
from workbench.operations.stack_files.file_changes import FileChange
from workbench.program import OtherStack
from workbench.review.cost.usage import FOLDER as USAGE_FOLDER
from zelly_infra.config import EnvironmentConfig, host_images
from zelly_infra.other_stacks import owns_registry
from zelly_infra.program import PROGRAM
from zelly_infra.stack_file import other_stacks, read_stack_file

_PRIVATE = IPv4Network("10.0.0.0/8")
_ENGINES_OWN = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""Keys that `pulumi stack init` writes: a copy could not be decrypted with the new stack's key."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A request for another environment. A value of None is chosen, or taken from the source."""

    name: str
    source: str
    region: str | None = None
    account_id: str | None = None
    cidr: str | None = None
    tag_prefix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A value that an operator has to look at."""

    path: str
    why: str

    @property
    def line(self) -> str:
        """The remark in words."""
        return f"  {self.path}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class NewEnvironmentPlan:
    """The files of another environment."""

    name: str
    source: str
    region: str
    changes: tuple[FileChange, ...]
    to_fill_in: tuple[Remark, ...]
    to_look_through: tuple[Remark, ...]

    def lines(self) -> list[str]:
        """Return the plan in words."""
        return [
            f"{self.name}, as {self.source}, in {self.region}:",
            *(f"  {line}" for change in self.changes for line in change.lines()),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a document for ``--json``."""
        return {
            "environment": self.name,
            "source": self.source,
            "region": self.region,
            "files": [change.name for change in self.changes],
            "to_fill_in": [vars(remark) for remark in self.to_fill_in],
            "to_look_through": [vars(remark) for remark in self.to_look_through],
        }


def plan_environment(wanted: Wanted, root: Path) -> NewEnvironmentPlan:
    """Plan the files of another environment.

    Raises:
        OperatorError: when the name, the region or anything else that it needs is taken or is none.
    """
    _check_name(wanted.name, root)
    source = read_stack_file(wanted.source, root).environment
    file = EditedFile(PROGRAM, root / f"Pulumi.{wanted.source}.yaml")
    others = other_stacks(root)
    own = _Own.chosen(wanted, source, others)
    _drop_secrets(file.document)
    _rewrite(file.environment, own, source, others)
    name = f"Pulumi.{wanted.name}.yaml"
    after = _renamed(file.text, wanted.source, wanted.name)
    stack_file = FileChange(path=root / name, name=name, before=None, after=after)
    environment = file.checked(source=name)
    check_against_others(PROGRAM, environment, others, source=name)
    changes = [stack_file, *_usage(wanted, root, own), *_in_other_files(own, others, root)]
    return NewEnvironmentPlan(
        name=wanted.name,
        source=wanted.source,
        region=environment.region,
        changes=tuple(changes),
        to_fill_in=tuple(_to_fill_in(environment)),
        to_look_through=tuple(_to_look_through(environment, source)),
    )


@dataclass(frozen=True, kw_only=True)
class _Own:
    """Values that the new environment does not share with its source."""

    name: str
    region: str
    account_id: str
    cidr: str
    tag_prefix: str
    registry_region: str
    owns_account: bool
    """Whether no other stack of the account makes repositories and identity provider."""

    @classmethod
    def chosen(cls, wanted: Wanted, source: EnvironmentConfig, others: Sequence[OtherStack]) -> "_Own":
        account = wanted.account_id or source.aws_account_id
        region = wanted.region or source.region
        owner = next(
            (other for other in others if owns_registry(other) and other.value("aws_account_id") == account), None
        )
        return cls(
            name=wanted.name,
            region=region,
            account_id=account,
            cidr=wanted.cidr or str(free_range(source, others)),
            tag_prefix=wanted.tag_prefix or re.sub(r"[^a-z]", "", wanted.name),
            registry_region=region if owner is None else str(owner.value("registry.region")),
            owns_account=owner is None,
        )


def free_range(source: EnvironmentConfig, others: Iterable[OtherStack]) -> IPv4Network:
    """Return the first range of the source's size that overlaps no range in any stack file.

    Raises:
        OperatorError: when there is none.
    """
    taken = [source.bastion.vpn_cidr, *source.network.other_environments.values()]
    taken += [cidr for other in others if (cidr := cidr_of(other)) is not None]
    for candidate in _PRIVATE.subnets(new_prefix=source.network.cidr.prefixlen):
        if not any(candidate.overlaps(each) for each in taken):
            return candidate
    raise OperatorError(f"network.cidr: none of {_PRIVATE} is free for a /{source.network.cidr.prefixlen}")


def _check_name(name: str, root: Path) -> None:
    try:
        TypeAdapter(types.Slug).validate_python(name)
    except ValidationError:
        allowed = Schemas(EnvironmentConfig).allowed(["environment"])
        raise OperatorError(f'environment: came "{name}"; allowed: {allowed}') from None
    if name in stack_names(root):
        raise OperatorError(f"environment: {name}; Pulumi.{name}.yaml is there already, another name is allowed")


def _drop_secrets(document: Values) -> None:
    for key in _ENGINES_OWN:
        document.pop(key, None)
    settings = cast("Values", document["config"])
    for key in [key for key, value in settings.items() if isinstance(value, Mapping) and "secure" in value]:
        del settings[key]


def _rewrite(values: Any, own: _Own, source: EnvironmentConfig, others: Sequence[OtherStack]) -> None:
    moved = own.region != source.region
    values["environment"], values["region"], values["aws_account_id"] = own.name, own.region, own.account_id
    network = values["network"]
    network["cidr"] = own.cidr
    # They lie in the source's range.
    network["subnet_cidrs"] = None
    neighbours = {other.name: str(cidr_of(other)) for other in others if cidr_of(other) is not None}
    for name, cidr in neighbours.items():
        if name not in network["other_environments"]:
            append(network["other_environments"], name, cidr)
    if moved:
        zones = network["availability_zones"]
        zones[:] = [f"{own.region}{zone[-1]}" for zone in zones]
        values["clickhouse"]["availability_zone"] = f"{own.region}{source.clickhouse.availability_zone[-1]}"
        # They lie in the source's region.
        network["s3_buckets"].clear()
        for host in (values["clickhouse"], values["bastion"], network["nat_instance"]):
            if host is not None:
                host["ami_id"] = UNCHOSEN_AMI
    values["redis"]["restored_from_snapshot"] = None
    _rewrite_services(values, own, source)
    registry, github = values["registry"], values["github"]
    registry["create"] = github["create"] = own.owns_account
    registry["region"], registry["tag_prefix"] = own.registry_region, own.tag_prefix
    if own.tag_prefix not in registry["kept_tag_prefixes"]:
        registry["kept_tag_prefixes"].append(own.tag_prefix)
    github["trusted_branches"][:] = [own.name] if own.owns_account else []
    if not own.owns_account:
        # The trust is the owner's.
        github["organization_id"], github["names_still_trusted"] = None, False
        github["repository_ids"].clear()


def _rewrite_services(values: Any, own: _Own, source: EnvironmentConfig) -> None:
    renamed = {
        service.hostname: _hostname(service.hostname, source, own.name)
        for service in source.services.values()
        if service.hostname is not None
    }
    for service in values["services"].values():
        if service["hostname"] is not None:
            service["hostname"] = renamed[service["hostname"]]
        if service["initial_image_tag"] is not None:
            service["initial_image_tag"] = f"{own.tag_prefix}-00000000"
    asked = urlsplit(source.storefront.ask_url)
    if asked.hostname in renamed:
        host = asked.netloc.replace(asked.hostname, renamed[asked.hostname])
        values["storefront"]["ask_url"] = asked._replace(netloc=host).geturl()


def _hostname(hostname: str, source: EnvironmentConfig, name: str) -> str:
    """Return a host name with the new environment's label in the place of the source's, else before the zone."""
    labels = hostname.removesuffix(f".{source.dns.zone}").split(".")
    if source.environment in labels:
        labels[labels.index(source.environment)] = name
    else:
        labels.append(name)
    return ".".join([*labels, source.dns.zone])


def _renamed(text: str, source: str, name: str) -> str:
    """Return a file's text with the new name in the comment at its top, which speaks of the source."""
    head = re.match(r"(#.*\n)*", text)
    end = head.end() if head is not None else 0
    first = re.sub(rf"\b{re.escape(source)}\b", name, text[:end])
    first = re.sub(rf"\b{re.escape(source.capitalize())}\b", name.capitalize(), first)
    return first + text[end:]


def _usage(wanted: Wanted, root: Path, own: _Own) -> Iterator[FileChange]:
    path = root / USAGE_FOLDER / f"{wanted.source}.yaml"
    if not path.exists():
        return
    file = EditedFile(PROGRAM, path)
    file.document["traffic"]["images_from_region"] = own.registry_region
    if not own.owns_account:
        # An account has them once, and its other stacks count them.
        for allowance in file.document["free_per_month"]:
            file.document["free_per_month"][allowance] = 0
    after = _renamed(file.text, wanted.source, wanted.name)
    name = f"{USAGE_FOLDER}/{wanted.name}.yaml"
    yield FileChange(path=root / name, name=name, before=None, after=after)


def _in_other_files(own: _Own, others: Sequence[OtherStack], root: Path) -> Iterator[FileChange]:
    """Yield the additions to the neighbours' files: the range, and in the same registry the tags that it keeps."""
    for other in others:
        file = EditedFile(PROGRAM, root / other.source)
        ranges = file.environment["network"]["other_environments"]
        if own.name not in ranges:
            append(ranges, own.name, own.cidr)
        registry = file.environment["registry"]
        same_registry = (file.environment["aws_account_id"], registry["region"]) == (
            own.account_id,
            own.registry_region,
        )
        if same_registry and own.tag_prefix not in registry["kept_tag_prefixes"]:
            registry["kept_tag_prefixes"].append(own.tag_prefix)
        file.checked()
        yield file.change()


def _to_fill_in(environment: EnvironmentConfig) -> Iterator[Remark]:
    missing = [image for image in host_images(environment) if image.ami_id == UNCHOSEN_AMI]
    for architecture in sorted({image.architecture for image in missing}):
        parameter = f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
        yield Remark(
            path=", ".join(image.path for image in missing if image.architecture == architecture),
            why=f"images are a region's own; `aws ssm get-parameter --region {environment.region} "
            f"--name {parameter} --query Parameter.Value --output text` prints the newest",
        )


def _to_look_through(environment: EnvironmentConfig, source: EnvironmentConfig) -> Iterator[Remark]:
    if environment.region != source.region:
        zones = ", ".join(environment.network.availability_zones)
        yield Remark(
            path="network.availability_zones",
            why=f"{zones}, with {source.environment}'s letters; `aws ec2 describe-availability-zones "
            f"--region {environment.region} --query AvailabilityZones[].ZoneName` lists those there are",
        )
        if source.network.s3_buckets:
            missing = ", ".join(source.network.s3_buckets)
            yield Remark(
                path="network.s3_buckets", why=f"none; {source.environment}'s are in {source.region}: {missing}"
            )
    yield Remark(path="network.cidr", why=f"{environment.network.cidr}; a range that nothing else uses")
    hostnames = [service.hostname for service in environment.services.values() if service.hostname is not None]
    yield Remark(path="services.*.hostname", why=", ".join(hostnames))
    if environment.dns.zone == source.dns.zone:
        yield Remark(path="storefront.ask_url", why=environment.storefront.ask_url)
    peers = ", ".join(environment.bastion.peers) or "none"
    yield Remark(path="bastion", why=f"who may come in: the key of ssh_public_key, and as peers {peers}")
    if environment.aurora.publicly_accessible:
        ranges = ", ".join(f"{name} ({cidr})" for name, cidr in environment.aurora.allowed_cidrs.items())
        yield Remark(path="aurora.allowed_cidrs", why=f"who reaches the database over the internet: {ranges}")
    yield Remark(path="alarms.emails", why=", ".join(environment.alarms.emails))
