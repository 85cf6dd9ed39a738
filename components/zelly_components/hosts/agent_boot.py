"""The boot document of a build agent, as a pure function."""

from collections.abc import Mapping
from dataclasses import dataclass

from zelly_components.alarms.host_metrics import ROOT_MOUNT_POINTS
from zelly_components.alarms.jenkins_metrics import AGE, AGENT_NAMESPACE
from zelly_components.hosts.cloud_config import HostFile, cloud_config, host_files, script, unit

MOUNT_POINTS = ROOT_MOUNT_POINTS
"""By a short name, the file systems whose use is published."""


@dataclass(frozen=True, kw_only=True)
class AwsProfile:
    """A role that a job takes on by ``AWS_PROFILE``; the tools renew it by themselves."""

    role_arn: str
    """The ARN of the role. It has to trust the role of the pool."""
    region: str
    """The region that the job's tools ask, unless told otherwise."""


@dataclass(frozen=True, kw_only=True)
class AgentBootValues:
    """Values in the boot document of an agent."""

    region: str
    group_name: str
    longest_build_seconds: int
    profiles: Mapping[str, AwsProfile]
    public_key: str
    """In OpenSSH's format: the controller's."""
    log_group_name: str


def user_data(values: AgentBootValues) -> str:
    """Return the agent's cloud-config. It holds no secret.

    Raises:
        ValueError: when the document is larger than EC2 accepts.
    """
    shared = host_files(
        environment={
            "AWS_REGION": values.region,
            "GROUP_NAME": values.group_name,
            "LONGEST_BUILD_SECONDS": str(values.longest_build_seconds),
            "METRICS_NAMESPACE": AGENT_NAMESPACE,
            "AGE_METRIC": AGE,
        },
        log_group_name=values.log_group_name,
        mount_points=list(MOUNT_POINTS.values()),
    )
    own = (
        HostFile(path="/etc/build-agent/authorized_keys", content=f"{values.public_key}\n", permissions="0600"),
        HostFile(path="/etc/build-agent/aws-config", content=aws_config(values.region, values.profiles)),
        script("agent/build-agent.sh", "/usr/local/sbin/build-agent"),
        script("agent/agent-age.sh", "/usr/local/sbin/agent-age"),
        unit("agent/build-agent.service"),
        unit("agent/agent-age.service"),
        unit("agent/agent-age.timer"),
    )
    # The age first: an agent that does not come up ends itself all the same.
    return cloud_config(
        [*shared, *own],
        [
            ["systemctl", "daemon-reload"],
            ["systemctl", "enable", "--now", "agent-age.timer"],
            ["systemctl", "start", "--no-block", "host-logging.service"],
            ["systemctl", "start", "build-agent.service"],
        ],
    )


def aws_config(region: str, profiles: Mapping[str, AwsProfile]) -> str:
    """Return the configuration of AWS's tools: the region, and the roles that the instance's own may take on.

    A role that is taken on with another one's credentials lasts an hour at most ("Role chaining", IAM User Guide); a
    profile is renewed before, where credentials that a job asked for once would end in the middle of a deploy.
    """
    sections = [f"[default]\nregion = {region}\n"]
    sections += [
        f"[profile {name}]\nrole_arn = {profile.role_arn}\ncredential_source = Ec2InstanceMetadata\n"
        f"region = {profile.region}\n"
        for name, profile in sorted(profiles.items())
    ]
    return "\n".join(sections)
