"""Making the place for the state, before there is a stack; run again, it completes and corrects what is there.

What else an account needs before its first stack goes along, as steps that say themselves how they are done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from workbench.aws.kms import Key, Kms
from workbench.aws.s3 import S3, Setting
from workbench.aws.shared.errors import AwsError
from workbench.errors import OperationFailedError, OperatorError
from workbench.operations.state.backend import StateBackend


class Condition(Enum):
    """The condition of a thing, against what is wanted of it."""

    SO = "is so"
    MISSING = "will be set"
    DIFFERS = "differs, will be corrected"


class Part(Enum):
    """The parts beside the bucket's settings, in the order in which they are made."""

    KEY = "key"
    KEY_POLICY = "policy"
    KEY_ROTATION = "yearly rotation"
    KEY_TAGS = "tags"
    ALIAS = "alias"
    BUCKET = "bucket"


_MADE = frozenset({Part.KEY, Part.ALIAS, Part.BUCKET})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that is looked at, and set where it is not as wanted."""

    target: str
    what: Part | Setting
    condition: Condition
    found: Mapping[str, Any]
    """As it stands: what others have added is kept."""

    @property
    def name(self) -> str:
        """The thing, for the operator to read."""
        return self.target if self.what in _MADE else f"{self.target}, {self.what.value}"

    @property
    def line(self) -> str:
        """The condition in words."""
        return "will be made" if self.what in _MADE and self.condition is Condition.MISSING else self.condition.value


@dataclass(frozen=True, kw_only=True)
class AccountStep:
    """One thing of the account beside its state backend."""

    name: str
    """The thing, for the operator to read."""
    condition: Condition
    is_made: bool
    """Whether it is a thing of its own, not a setting."""
    act: Callable[[], None] = field(repr=False, compare=False)

    @property
    def line(self) -> str:
        """The condition in words."""
        return "will be made" if self.is_made and self.condition is Condition.MISSING else self.condition.value


@dataclass(frozen=True, kw_only=True)
class BootstrapPlan:
    """The parts of a state backend that there are, and those that will be made."""

    backend: StateBackend
    key: Key | None
    """None: to be made."""
    steps: tuple[Step, ...]
    account_steps: tuple[AccountStep, ...] = ()
    """Done first, so that a role has its time until it is needed."""

    @property
    def pending(self) -> tuple[Step | AccountStep, ...]:
        """The steps at which something is done."""
        return tuple(step for step in self._all_steps if step.condition is not Condition.SO)

    @property
    def _all_steps(self) -> tuple[Step | AccountStep, ...]:
        return (*self.account_steps, *self.steps)

    def lines(self) -> list[str]:
        """Return what is going to happen, for the operator to read."""
        account = f"Account {self.backend.account_id}, {self.backend.region}:"
        width = max(len(step.name) for step in self._all_steps)
        return [account, *(f"  {step.name:<{width}}  {step.line}" for step in self._all_steps)]

    def document(self) -> Mapping[str, Any]:
        """Return the same for ``--json``."""
        return {
            "account_id": self.backend.account_id,
            "region": self.backend.region,
            "bucket": self.backend.bucket,
            "alias": self.backend.alias,
            "key_arn": self.key and self.key.arn,
            "steps": [{"what": step.name, "condition": step.condition.name.lower()} for step in self._all_steps],
        }


def plan_bootstrap(
    backend: StateBackend, *, kms: Kms, s3: S3, account_steps: tuple[AccountStep, ...] = ()
) -> BootstrapPlan:
    """Compare a state backend with what is wanted of it; ``account_steps`` go along.

    Raises:
        OperatorError: when the bucket is another account's or in another region, or the key cannot be used.
    """
    aliased = kms.key_of(backend.alias)
    key = aliased or _key_without_alias(backend, kms)
    bucket_region = _bucket_region(backend, s3)
    if key is not None and not (key.encrypts and key.state == "Enabled"):
        kind = "" if key.encrypts else ", not a symmetric one that encrypts"
        raise OperatorError(
            f"{backend.alias}: came key {key.id}, which is {key.state}{kind}; an enabled symmetric key is required: "
            "mend that with `aws kms cancel-key-deletion` or `enable-key`, or choose another --alias"
        )
    if bucket_region not in {None, backend.region}:
        raise OperatorError(
            f"bucket {backend.bucket}: it is in {bucket_region}; allowed: --region {bucket_region}, or another --bucket"
        )
    alias = Step(
        target=backend.alias,
        what=Part.ALIAS,
        condition=Condition.MISSING if aliased is None else Condition.SO,
        found={},
    )
    steps = [*_key_steps(backend, key, kms), alias, *_bucket_steps(backend, key, s3, exists=bucket_region is not None)]
    return BootstrapPlan(backend=backend, key=key, steps=tuple(steps), account_steps=account_steps)


def bootstrap(plan: BootstrapPlan, *, kms: Kms, s3: S3) -> Key:
    """Carry out what is pending, in its order, and return the key.

    Raises:
        OperationFailedError: when a call fails; what was done by then stays, and the next run goes on behind it.
    """
    done: list[str] = []
    try:
        for step in plan.account_steps:
            if step.condition is not Condition.SO:
                step.act()
                done.append(step.name)
        key = plan.key or kms.create_key(
            description=plan.backend.key_description, policy=plan.backend.key_policy, tags=plan.backend.tags
        )
        for step in plan.steps:
            if step.condition is not Condition.SO:
                _carry_out(step, plan.backend, key, kms, s3)
                done.append(step.name)
    except OperatorError as error:
        raise OperationFailedError(
            *error.lines,
            f"Done by then: {'; '.join(done) or 'nothing'}.",
            "Run the same command again once that is settled: it goes on where this one stopped.",
        ) from None
    return key


def _key_without_alias(backend: StateBackend, kms: Kms) -> Key | None:
    """Return the key of an earlier run that ended before the key had its alias."""
    found = [key for key in kms.keys_with_tag(backend.purpose_tag, backend.purpose) if key.state == "Enabled"]
    if len(found) > 1:
        raise OperatorError(
            f"{backend.alias}: leads to no key, and {len(found)} keys are tagged for it: "
            f"{', '.join(key.id for key in found)}; `aws kms create-alias` tells which one it is"
        )
    return found[0] if found else None


def _bucket_region(backend: StateBackend, s3: S3) -> str | None:
    try:
        return s3.region()
    except AwsError as error:
        if error.code == "403":
            raise _not_ours(backend) from None
        raise


def _not_ours(backend: StateBackend) -> OperatorError:
    return OperatorError(
        f"bucket {backend.bucket}: not one of account {backend.account_id}, or the credentials may not look at it; "
        "the names of buckets are one list for all of AWS: choose another with --bucket"
    )


def _key_steps(backend: StateBackend, key: Key | None, kms: Kms) -> list[Step]:
    target = "KMS key"
    if key is None:
        # It is made with its policy and its tags.
        made = (Part.KEY, Part.KEY_ROTATION)
        return [Step(target=target, what=part, condition=Condition.MISSING, found={}) for part in made]
    rotation = {"rotates": True} if kms.rotates(key) else {}
    return [
        Step(target=target, what=Part.KEY, condition=Condition.SO, found={}),
        _compared(target, Part.KEY_POLICY, kms.policy(key), backend.key_policy),
        _compared(target, Part.KEY_ROTATION, rotation, {"rotates": True}),
        _compared(target, Part.KEY_TAGS, kms.tags(key), backend.tags),
    ]


def _bucket_steps(backend: StateBackend, key: Key | None, s3: S3, *, exists: bool) -> list[Step]:
    target = f"bucket {backend.bucket}"
    condition = Condition.SO if exists else Condition.MISSING
    wanted = backend.bucket_settings(key.arn if key is not None else "")
    return [
        Step(target=target, what=Part.BUCKET, condition=condition, found={}),
        *(
            _compared(target, setting, s3.setting(setting) if exists else {}, value)
            for setting, value in wanted.items()
        ),
    ]


def _compared(target: str, what: Part | Setting, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Step:
    """Compare what is wanted with what is found; what is found beside it is somebody's and stays."""
    if all(name in found and found[name] == value for name, value in wanted.items()):
        condition = Condition.SO
    else:
        condition = Condition.DIFFERS if found else Condition.MISSING
    return Step(target=target, what=what, condition=condition, found=found)


def _carry_out(step: Step, backend: StateBackend, key: Key, kms: Kms, s3: S3) -> None:
    match step.what:
        case Part.KEY:
            pass  # it is what everything else here was given
        case Part.KEY_POLICY:
            kms.set_policy(key, {**step.found, **backend.key_policy})
        case Part.KEY_ROTATION:
            kms.enable_rotation(key)
        case Part.KEY_TAGS:
            kms.tag(key, backend.tags)
        case Part.ALIAS:
            kms.create_alias(backend.alias, key)
        case Part.BUCKET:
            _create_bucket(backend, s3)
        case Setting():
            s3.set(step.what, {**step.found, **backend.bucket_settings(key.arn)[step.what]})


def _create_bucket(backend: StateBackend, s3: S3) -> None:
    try:
        s3.create()
    except AwsError as error:
        if error.code == "BucketAlreadyExists":
            raise _not_ours(backend) from None
        # An answer that was lost on its way makes botocore ask again.
        if error.code != "BucketAlreadyOwnedByYou":
            raise
