"""What every part of the estate is made with: boto3, the options, and the state file."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.adoption.estate.options import Options
from tests.adoption.estate.state_file import StateFile, Written
from tests.zelly_infra.facts import ENVIRONMENTS, REGISTRY_REGION, ZONES, EnvironmentFacts

ClientOf = Callable[[str, str], Any]
"""Returns boto3's client of a service in a region."""

_UNIQUE_ENDING = "20240312091544{:012x}"
"""Terraform's own: the time, and a counter, 26 characters after the prefix."""


@dataclass
class Estate:
    """An estate that is being made."""

    client_of: ClientOf
    options: Options
    file: StateFile = field(default_factory=StateFile)
    _names: int = 0

    def __post_init__(self) -> None:
        """Begin the sequence of random values, which is the same whenever the same estate is made."""
        self._random = random.Random(f"{self.options}")  # noqa: S311 (no secret of anybody's)

    @property
    def facts(self) -> EnvironmentFacts:
        """What the platform's documents say of the environment."""
        return ENVIRONMENTS[self.options.stack]

    @property
    def prefix(self) -> str:
        """How names begin."""
        return f"zelly-{self.options.stack}"

    @property
    def region(self) -> str:
        """Where it lies."""
        return self.facts.region

    @cached_property
    def zones(self) -> Sequence[str]:
        """The availability zones, in order."""
        return [f"{self.region}{letter}" for letter in ZONES]

    @cached_property
    def account_id(self) -> str:
        """Whose it is."""
        return self.client("sts").get_caller_identity()["Account"]

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client in the estate's region, or in another."""
        return self.client_of(service, region or self.region)

    @property
    def default_tags(self) -> dict[str, str]:
        """The ``default_tags`` of the provider."""
        return {"Project": "zelly", "Environment": self.options.stack, "ManagedBy": "terraform"}

    def tags(self, name: str | None = None) -> dict[str, dict[str, str]]:
        """Return ``tags`` and ``tags_all`` of a resource."""
        own = {} if name is None else {"Name": name}
        return {"tags": own, "tags_all": {**self.default_tags, **own}}

    def tag_list(self, name: str | None = None) -> list[dict[str, str]]:
        """Return all tags of a resource as boto3 takes them."""
        return listed(self.tags(name)["tags_all"])

    def tag_specification(self, kind: str, name: str | None = None) -> list[dict[str, Any]]:
        """Return all tags of a resource of EC2's as it is made."""
        return [{"ResourceType": kind, "Tags": self.tag_list(name)}]

    def name(self, name: str, *, limit: int = 255) -> str:
        """Return how something is called that the documents do not name, by what the options say."""
        if self.options.names == "suffix":
            return f"{name}-tf"
        if self.options.names == "prefix":
            self._names += 1
            return f"{name[: limit - 27]}-{_UNIQUE_ENDING.format(self._names)}"
        return name

    def name_prefix(self, name: str) -> str | None:
        """Return the ``name_prefix`` of what :meth:`name` returned."""
        return name[:-26] if self.options.names == "prefix" else None

    def key(self, position: int, name: str, *, mixed: type[int] | type[str]) -> str | int:
        """Return an instance's key: its position or its name, ``mixed`` where the options say so."""
        by_position = {"count": True, "for_each": False, "mixed": mixed is int}[self.options.keys]
        return position if by_position else name

    def password(self, length: int) -> str:
        """Return letters and digits."""
        return "".join(self._random.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=length))

    def hexadecimal(self, length: int) -> str:
        """Return hexadecimal digits, for an id that nobody here gives."""
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def number(self) -> int:
        """Return ten digits, as Terraform's hashes have them."""
        return self._random.randrange(10**9, 2**32)

    def random_password(self, module: str, *, length: int) -> Written:
        """Make a password, as the provider "random" does."""
        return self.add(
            module,
            "random_password.this",
            {
                "id": "none",
                "length": length,
                "special": False,
                "result": self.password(length),
                "bcrypt_hash": f"$2a$10${self.password(53)}",
            },
            sensitive=("bcrypt_hash", "result"),
        )

    def add(
        self,
        module: str,
        address: str,
        attributes: Mapping[str, Any],
        *,
        key: str | int | None = None,
        after: Iterable[Written] = (),
        sensitive: Sequence[str] = (),
    ) -> Written:
        """Write an instance of ``module.MODULE`` down; the root module's name is empty."""
        return self.file.add(
            f"module.{module}" if module else "", address, attributes, key=key, after=after, sensitive=sensitive
        )

    def key_arn(self) -> str:
        """Return the ARN of a key of AWS's own, which the estate does not manage."""
        return self.arn("kms", f"key/{self.hexadecimal(8)}-0000-4000-8000-{self.hexadecimal(12)}")

    def image(self, repository: str) -> str:
        """Return the image that the task definition of a repository's service was made with."""
        registry = f"{self.account_id}.dkr.ecr.{REGISTRY_REGION}.amazonaws.com"
        return f"{registry}/{repository}:{self.facts.tag_prefix}-4f1c09ae"

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """Return an ARN of this account."""
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account_id}:{resource}"


def listed(tags: Mapping[str, str], *, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return tags as a list of keys and values."""
    return [{key: name, value: text} for name, text in tags.items()]
