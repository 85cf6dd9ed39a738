"""The section of the environment config on Jenkins: its controller, its build agents, and the VPN to it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from relay_infra.catalog import AGENT_LABELS
from workbench.config import types
from workbench.config.bastion import Bastion
from workbench.config.section import Section
from zelly_components.limits.fargate import check_fargate_size
from zelly_components.limits.instance_type import architecture

_Directory = Annotated[
    str,
    Field(
        pattern=r"^(/[A-Za-z0-9_][A-Za-z0-9_.:-]*){1,4}$",
        description="a path below the file system's root, such as /home",
    ),
]
_Digest = Annotated[
    str, Field(pattern=r"^sha256:[0-9a-f]{64}$", description="an image's digest, sha256: and 64 hexadecimal digits")
]
_Organization = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}$", description="an organization of GitHub")
]
_Repository = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]+$", description="a repository of GitHub, owner/name"),
]


class Home(Section):
    """The controller's home on EFS."""

    directory: _Directory
    """A restored home lies beside the live one, and takes over when its path stands here."""
    may_be_empty_until: date | None
    """The last day (UTC) on which a controller that finds an empty home begins in it: that of the first start. Later,
    and with null, it refuses to start."""


class AgentPool(Section):
    """One pool of build agents."""

    instance_types: Annotated[
        tuple[types.InstanceType, ...], Field(min_length=1, description="at least one instance type")
    ]
    """All of one architecture."""
    spot: bool
    """Whether agents may be taken away with two minutes' notice, for a third of the price or so."""
    root_volume_gib: Annotated[int, Field(ge=8, le=1000, description="8 to 1000 GiB")]
    maximum_agents: Annotated[int, Field(ge=1, le=50, description="1 to 50 agents")]


class Agents(Section):
    """The build agents: EC2 instances that come for a build and go after it."""

    ami_id: types.AmiId
    """Amazon Linux 2023 with Docker's Compose plugin and this repository in /opt/relay (docs/jenkins.md)."""
    longest_build_minutes: Annotated[int, Field(ge=10, le=1380, description="10 to 1380 minutes")]
    """An agent that is older ends itself."""
    log_retention_days: types.LogRetentionDays
    pools: Mapping[str, AgentPool]
    """By label."""

    @model_validator(mode="after")
    def _pools_are_those_of_the_pipeline(self) -> Self:
        if missing := [label for label in AGENT_LABELS if label not in self.pools]:
            raise ValueError(f"pools: {', '.join(missing)} missing; required are {', '.join(AGENT_LABELS)}")
        if unknown := sorted(self.pools.keys() - set(AGENT_LABELS)):
            raise ValueError(f"pools.{unknown[0]}: unknown label; allowed are {', '.join(AGENT_LABELS)}")
        return self

    @model_validator(mode="after")
    def _one_image_fits_all(self) -> Self:
        found = {each: architecture(each) for label in AGENT_LABELS for each in self.pools[label].instance_types}
        if len(set(found.values())) > 1:
            raise ValueError(
                f"pools: instance types of {' and '.join(sorted(set(found.values())))}; "
                "one architecture is required, as ami_id has one"
            )
        return self


class Jenkins(Section):
    """Jenkins: it stands in the stack that owns what the account has once."""

    hostname: types.Hostname
    """By which people reach it, over the VPN alone."""
    webhook_hostname: types.Hostname
    """By which GitHub reaches the one public path."""
    webhook_networks: Annotated[
        Mapping[types.Slug, types.AllowedNetwork], Field(min_length=1, max_length=4, description="one to four ranges")
    ]
    """Where GitHub's webhooks come from: `hooks` of https://api.github.com/meta, IPv4."""
    github_organization: _Organization
    """Whose teams sign in: `operators` administer, `approvers` promote."""
    github_repository: _Repository
    """Of the application."""
    image: _Digest
    """Of the controller's image in relay/jenkins (docs/pipeline.md). Another one ends the controller, and starts it
    anew."""
    cpu_units: Annotated[int, Field(description="CPU units of Fargate, 1024 for one vCPU")]
    memory_mib: Annotated[int, Field(description="a whole number of MiB that Fargate has for these CPU units")]
    architecture: Literal["X86_64", "ARM64"]
    images_kept: Annotated[int, Field(ge=1, le=1000, description="1 to 1000 images")]
    """Of the controller's own."""
    log_retention_days: types.LogRetentionDays
    home: Home
    agents: Agents
    vpn: Bastion

    @model_validator(mode="after")
    def _fargate_has_this_size(self) -> Self:
        check_fargate_size(self.cpu_units, self.memory_mib)
        return self

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if self.hostname == self.webhook_hostname:
            raise ValueError(f"webhook_hostname: {self.webhook_hostname}; taken by hostname, which is private")
        return self
