"""The types of the environment config: constrained values, each with a description of what is allowed."""

from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from zelly_components.limits.allowed_values import (
    CACHE_NODE_TYPES,
    INSTANCE_TYPES,
    LOG_RETENTION_DAYS,
    REGIONS,
    TLS_POLICIES,
    AllowedValues,
)
from zelly_components.limits.windows import (
    DAILY_WINDOW,
    DAY,
    SHORTEST_DATABASE_WINDOW,
    WEEKLY_WINDOW,
    window_minutes,
)

PRIVATE_RANGES = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))
"""RFC 1918."""


_Listed = TypeVar("_Listed", int, str)


def _one_of(allowed: AllowedValues) -> Callable[[_Listed], _Listed]:
    """Return a validator that accepts the values of a list."""

    def check(value: _Listed) -> _Listed:
        if (instead := allowed.instead_of(value)) is not None:
            raise ValueError(f"{instead} is allowed")
        return value

    return check


def _private(network: IPv4Network) -> IPv4Network:
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError("a range inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918) is allowed")
    return network


def _vpc_size(network: IPv4Network) -> IPv4Network:
    # A balancer is refused where fewer than eight addresses are free; a public /28 has eleven, and holds up to four
    # balancers, a NAT gateway and the bastion.
    if not 16 <= network.prefixlen <= 23:
        raise ValueError("a range of /16 (AWS's largest) to /23 (sixteen subnets of /27) is allowed")
    return network


def _not_everywhere(network: IPv4Network) -> IPv4Network:
    if network.prefixlen == 0:
        raise ValueError("only a range smaller than the whole internet, e.g. 203.0.113.0/24, is allowed")
    return network


def _fixed_tag(image: str) -> str:
    if image.endswith(":latest"):
        raise ValueError("what latest means changes between two tasks; only a fixed tag or a digest is allowed")
    return image


def unique(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values unless one is repeated."""
    repeated = [value for position, value in enumerate(values) if value in values[:position]]
    if repeated:
        raise ValueError(f"{repeated[0]} twice; each once is allowed")
    return values


def _apart(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    for prefix in unique(prefixes):
        longer = next((other for other in prefixes if other != prefix and other.startswith(prefix)), None)
        if longer is not None:
            raise ValueError(f"{prefix} begins {longer}; prefixes that do not begin each other are allowed")
    return prefixes


def not_nano(instance_type: str) -> str:
    """Return the instance type unless it has half a GiB of memory, in which dnf is killed on Amazon Linux 2023.

    (amazonlinux/amazon-linux-2023#404.)
    """
    if instance_type.endswith(".nano"):
        raise ValueError("half a GiB of memory is too little to install packages; only micro or larger is allowed")
    return instance_type


def _not_default(username: str) -> str:
    if username == "default":
        raise ValueError("ClickHouse's user without a password, which is removed; only another name is allowed")
    return username


def _halves(capacity: float) -> float:
    if capacity * 2 != int(capacity * 2):
        raise ValueError("a multiple of 0.5 ACU is allowed")
    return capacity


def _daily_window(window: str) -> str:
    if window_minutes(window) < SHORTEST_DATABASE_WINDOW:
        raise ValueError("a window of at least 30 minutes is allowed")
    return window


def _weekly_window(window: str) -> str:
    if not SHORTEST_DATABASE_WINDOW <= window_minutes(window) <= DAY:
        raise ValueError("a window of 30 minutes to 24 hours is allowed")
    return window


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # A path out of the database, or a folder in it, is neither known nor unknown to ZoneInfo.
        raise ValueError("a time zone of the IANA database, e.g. Asia/Kolkata, is allowed") from None
    return name


Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z](-?[a-z0-9])*$",
        max_length=20,
        description="lower-case letters, digits and single hyphens, e.g. staging",
    ),
]
Region = Annotated[str, AfterValidator(_one_of(REGIONS)), Field(description="an AWS region, e.g. ap-south-1")]
AvailabilityZone = Annotated[
    str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-f]$", description="an availability zone, e.g. ap-south-1a")
]
AccountId = Annotated[str, Field(pattern=r"^\d{12}$", description='twelve digits in quotes, e.g. "123456789012"')]
BucketName = Annotated[
    str,
    Field(
        # Amazon S3 User Guide, "General purpose bucket naming rules".
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens, e.g. acme-media",
    ),
]
AmiId = Annotated[
    str, Field(pattern=r"^ami-([0-9a-f]{8}|[0-9a-f]{17})$", description="an AMI id, e.g. ami-0a59fb4395466ed05")
]
UNCHOSEN_AMI = "ami-00000000"
"""Stands for an image that is still to be chosen: it can be planned with, and `pulumi` refuses it."""
Hostname = Annotated[
    str,
    Field(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        max_length=253,
        description="a host name in lower case, e.g. api.example.com",
    ),
]
EmailAddress = Annotated[
    str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="an e-mail address, e.g. alerts@example.com")
]
HttpsUrl = Annotated[str, Field(pattern=r"^https://[^\s/]+/\S*$", description="an https:// URL with a path")]
SnapshotName = Annotated[
    str,
    Field(
        # No dot: an automatic one goes with the node that it is of.
        pattern=r"^[a-z](-?[a-z0-9])*$",
        description="the name of a manual snapshot, e.g. keep-20261125",
    ),
]
ImageReference = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9./_-]+(:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$",
        description="an image with a fixed tag or digest, e.g. docker.io/redis/redisinsight:2.70.1",
    ),
    AfterValidator(_fixed_tag),
]
ImageTag = Annotated[
    str,
    Field(pattern=r"^[a-z]+-[0-9a-f]{8}$", description="<prefix>-<first eight digits of a commit>, e.g. prod-1a2b3c4d"),
]
WireGuardPublicKey = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$", description="32 bytes in base64, as `wg pubkey` prints"),
]
SshPublicKey = Annotated[
    str,
    Field(
        pattern=r"^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+=*( \S+)?$",
        description="an OpenSSH public key that EC2 takes: ssh-ed25519 or ssh-rsa",
    ),
]
GithubId = Annotated[int, Field(ge=1, description="a number that GitHub gave, e.g. 123456")]
CloudflareZoneId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{32}$", description="32 hexadecimal digits, from the zone's overview page")
]
DailyWindow = Annotated[
    str,
    Field(
        pattern=DAILY_WINDOW,
        description="a daily window in UTC, e.g. 19:00-20:00",
    ),
    AfterValidator(_daily_window),
]
TimeOfDay = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description='a time of day in quotes, e.g. "08:00"')
]
Weekday = Annotated[
    Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Field(description="mon, tue, wed, thu, fri, sat or sun")
]
TimeZone = Annotated[
    str,
    Field(description="a time zone of the IANA database, e.g. Asia/Kolkata"),
    AfterValidator(_known_time_zone),
]
WeeklyWindow = Annotated[
    str,
    Field(
        pattern=WEEKLY_WINDOW,
        description="a weekly window in UTC, e.g. sun:20:30-sun:21:30",
    ),
    AfterValidator(_weekly_window),
]
PrivateNetwork = Annotated[
    IPv4Network,
    AfterValidator(_private),
    Field(description="a private IPv4 range without host bits, e.g. 10.10.0.0/24"),
]
VpcNetwork = Annotated[
    PrivateNetwork,
    AfterValidator(_vpc_size),
    Field(description="a private IPv4 range of /16 to /23 without host bits, e.g. 10.0.0.0/16"),
]
AllowedNetwork = Annotated[
    IPv4Network,
    AfterValidator(_not_everywhere),
    Field(description="an IPv4 range without host bits, e.g. 203.0.113.0/24, never 0.0.0.0/0"),
]
CapacityAcu = Annotated[
    float, Field(ge=0, le=256, description="ACUs from 0 to 256 in steps of 0.5"), AfterValidator(_halves)
]
LogRetentionDays = Annotated[
    int,
    AfterValidator(_one_of(LOG_RETENTION_DAYS)),
    Field(description="a number of days that CloudWatch Logs knows, e.g. 30 (PutRetentionPolicy)"),
]
TlsPolicy = Annotated[str, AfterValidator(_one_of(TLS_POLICIES)), Field(description="an ELB security policy")]
Percent = Annotated[int, Field(ge=1, le=100, description="a whole percentage from 1 to 100")]
Port = Annotated[int, Field(ge=1, le=65535, description="a port from 1 to 65535")]
InstanceType = Annotated[
    str, AfterValidator(_one_of(INSTANCE_TYPES)), Field(description="an EC2 instance type, e.g. t3.small")
]
CacheNodeType = Annotated[
    str, AfterValidator(_one_of(CACHE_NODE_TYPES)), Field(description="a cache node type, e.g. cache.t4g.small")
]
TagPrefixes = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[a-z]+$", description="the start of a tag, e.g. prod")], ...],
    Field(min_length=1, description="at least one start of a tag"),
    AfterValidator(_apart),
]
"""None begins another: ECR would count an image under both."""
ClickHouseUsername = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="lower-case letters, digits, underscores"),
    AfterValidator(_not_default),
]
