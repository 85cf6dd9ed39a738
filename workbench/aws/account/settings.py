"""Settings of a whole account, or of a region of it, in the services that keep such settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from workbench.aws.shared.connection import Connection
from workbench.aws.shared.errors import AwsError, calling


class AccountSetting(Enum):
    """A setting of an account or a region."""

    BUCKETS = "S3 public access block"
    PASSWORDS = "IAM password policy"
    VOLUMES = "EBS encryption by default"
    SNAPSHOTS = "EBS snapshots block public access"
    IMAGES = "AMI block public access"
    METADATA = "IMDSv2 by default"
    SCANNING = "ECR registry scanning"


@dataclass(frozen=True, kw_only=True)
class _Form:
    """The calls that read and write a setting, which is a mapping here, whatever shape the API gives it."""

    service: str
    get: str
    put: str
    actions: tuple[str, str]
    """IAM's names of the two."""
    read: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    write: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    absent: str | None = None
    """The error code that says that it was never set; None: the answer then has the default."""
    is_named_by_account: bool = False


def _only(*names: str) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    return lambda answer: {name: answer[name] for name in names if name in answer}


_PASSWORD_MEMBERS = (
    "MinimumPasswordLength",
    "RequireSymbols",
    "RequireNumbers",
    "RequireUppercaseCharacters",
    "RequireLowercaseCharacters",
    "AllowUsersToChangePassword",
    "MaxPasswordAge",
    "PasswordReusePrevention",
    "HardExpiry",
)
"""Members that UpdateAccountPasswordPolicy takes; GetAccountPasswordPolicy answers with ``ExpirePasswords``, too."""

_FORMS: Mapping[AccountSetting, _Form] = {
    AccountSetting.BUCKETS: _Form(
        service="s3control",
        get="get_public_access_block",
        put="put_public_access_block",
        actions=("s3:GetAccountPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
        read=lambda answer: answer["PublicAccessBlockConfiguration"],
        write=lambda value: {"PublicAccessBlockConfiguration": value},
        absent="NoSuchPublicAccessBlockConfiguration",
        is_named_by_account=True,
    ),
    AccountSetting.PASSWORDS: _Form(
        service="iam",
        get="get_account_password_policy",
        put="update_account_password_policy",
        actions=("iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"),
        read=lambda answer: _only(*_PASSWORD_MEMBERS)(answer["PasswordPolicy"]),
        write=_only(*_PASSWORD_MEMBERS),
        absent="NoSuchEntity",
    ),
    AccountSetting.VOLUMES: _Form(
        service="ec2",
        get="get_ebs_encryption_by_default",
        put="enable_ebs_encryption_by_default",
        actions=("ec2:GetEbsEncryptionByDefault", "ec2:EnableEbsEncryptionByDefault"),
        read=_only("EbsEncryptionByDefault"),
        write=_only(),
    ),
    AccountSetting.SNAPSHOTS: _Form(
        service="ec2",
        get="get_snapshot_block_public_access_state",
        put="enable_snapshot_block_public_access",
        actions=("ec2:GetSnapshotBlockPublicAccessState", "ec2:EnableSnapshotBlockPublicAccess"),
        read=_only("State"),
        write=_only("State"),
    ),
    AccountSetting.IMAGES: _Form(
        service="ec2",
        get="get_image_block_public_access_state",
        put="enable_image_block_public_access",
        actions=("ec2:GetImageBlockPublicAccessState", "ec2:EnableImageBlockPublicAccess"),
        read=_only("ImageBlockPublicAccessState"),
        write=_only("ImageBlockPublicAccessState"),
    ),
    AccountSetting.METADATA: _Form(
        service="ec2",
        get="get_instance_metadata_defaults",
        put="modify_instance_metadata_defaults",
        actions=("ec2:GetInstanceMetadataDefaults", "ec2:ModifyInstanceMetadataDefaults"),
        read=lambda answer: _only("HttpTokens")(answer.get("AccountLevel", {})),
        write=_only("HttpTokens"),
    ),
    AccountSetting.SCANNING: _Form(
        service="ecr",
        get="get_registry_scanning_configuration",
        put="put_registry_scanning_configuration",
        actions=("ecr:GetRegistryScanningConfiguration", "ecr:PutRegistryScanningConfiguration"),
        read=lambda answer: _only("scanType", "rules")(answer["scanningConfiguration"]),
        write=_only("scanType", "rules"),
    ),
}


class AccountSettings:
    """The settings of an account in the connection's region; some are the same in every region."""

    def __init__(self, connection: Connection, account_id: str) -> None:
        self._account_id = account_id
        self._region = connection.region
        self._clients: dict[str, Any] = {
            service: connection.client(service) for service in {form.service for form in _FORMS.values()}
        }
        self._clients["s3control"].meta.events.register("before-call.s3-control", _without_prefix)

    def setting(self, setting: AccountSetting) -> Mapping[str, Any]:
        """Return a setting as it stands, in the members that its service gives it; empty when it was never set."""
        form = _FORMS[setting]
        try:
            return form.read(self._call(setting, form.get, form.actions[0]))
        except AwsError as error:
            if form.absent is not None and error.code == form.absent:
                return {}
            raise

    def set(self, setting: AccountSetting, value: Mapping[str, Any]) -> None:
        """Replace a setting."""
        form = _FORMS[setting]
        self._call(setting, form.put, form.actions[1], **form.write(value))

    def _call(self, setting: AccountSetting, method: str, action: str, **request: Any) -> Mapping[str, Any]:
        form = _FORMS[setting]
        named = {"AccountId": self._account_id} if form.is_named_by_account else {}
        with calling(action, f"account {self._account_id}, {self._region}"):
            return cast("Mapping[str, Any]", getattr(self._clients[form.service], method)(**named, **request))


def _without_prefix(params: dict[str, Any], **_: Any) -> None:
    """Ask an address instead of a host name below it.

    S3 Control's host names begin with the account's id ("S3 Control endpoints"); botocore puts it before every
    endpoint, and an embedded AWS has an address, which takes no such prefix.
    """
    parts = urlsplit(str(params["url"]))
    rest = (parts.hostname or "").partition(".")[2]
    try:
        ip_address(rest)
    except ValueError:
        return
    port = f":{parts.port}" if parts.port else ""
    params["url"] = parts._replace(netloc=f"{rest}{port}").geturl()
