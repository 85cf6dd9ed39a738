"""What a state backend lacks, the order in which it is made, and what is said of a run that ended in between."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from tests.workbench.operations.failing import failed, failure, refused
from workbench.aws.kms import Key
from workbench.aws.s3 import Setting
from workbench.aws.shared.errors import AwsError, Reason
from workbench.operations.state.backend import StateBackend
from workbench.operations.state.bootstrap import AccountStep, BootstrapPlan, Condition, bootstrap, plan_bootstrap

BACKEND = StateBackend(program="shop", bucket="states", alias="alias/states", region="eu-west-1", account_id="1")
KEY = Key(id="k1", arn="arn:k1", state="Enabled", encrypts=True)
NOT_OURS = (
    "bucket states: not one of account 1, or the credentials may not look at it; the names of buckets are one list "
    "for all of AWS: choose another with --bucket"
)


def _wanted() -> dict[Setting, Mapping[str, Any]]:
    return dict(BACKEND.bucket_settings(KEY.arn))


@dataclass
class Account:
    """KMS and S3 of an account in which all is as wanted, but for what a test takes away."""

    aliased: Key | None = KEY
    tagged: list[Key] = field(default_factory=list[Key])
    is_rotating: bool = True
    policies: Mapping[str, Any] = field(default_factory=lambda: dict(BACKEND.key_policy))
    key_tags: Mapping[str, str] = field(default_factory=lambda: {**BACKEND.tags, "more": "x"})
    bucket_region: str | AwsError | None = "eu-west-1"
    settings: dict[Setting, Mapping[str, Any]] = field(default_factory=_wanted)
    creating: AwsError | None = None
    done: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    def plan(self, *account_steps: AccountStep) -> BootstrapPlan:
        mine = cast("Any", self)
        return plan_bootstrap(BACKEND, kms=mine, s3=mine, account_steps=account_steps)

    def carry_out(self, *account_steps: AccountStep) -> Key:
        mine = cast("Any", self)
        return bootstrap(self.plan(*account_steps), kms=mine, s3=mine)

    def key_of(self, alias: str) -> Key | None:
        assert alias == BACKEND.alias
        return self.aliased

    def keys_with_tag(self, name: str, value: str) -> list[Key]:
        assert (name, value) == ("shop:purpose", "pulumi-state:alias/states")
        return self.tagged

    def rotates(self, key: Key) -> bool:
        assert key == KEY
        return self.is_rotating

    def policy(self, key: Key) -> Mapping[str, Any]:
        assert key == KEY
        return self.policies

    def tags(self, key: Key) -> Mapping[str, str]:
        assert key == KEY
        return self.key_tags

    def region(self) -> str | None:
        if isinstance(self.bucket_region, AwsError):
            raise self.bucket_region
        return self.bucket_region

    def setting(self, setting: Setting) -> Mapping[str, Any]:
        assert self.bucket_region is not None, "there is no bucket to ask"
        return self.settings[setting]

    def create_key(self, **said: Any) -> Key:
        assert said == {
            "description": BACKEND.key_description,
            "policy": BACKEND.key_policy,
            "tags": BACKEND.tags,
        }
        self.done.append(("key",))
        return KEY

    def set_policy(self, key: Key, policy: Mapping[str, Any]) -> None:
        assert key == KEY
        self.done.append(("policy", sorted(policy)))

    def enable_rotation(self, key: Key) -> None:
        self.done.append(("rotation", key.id))

    def tag(self, key: Key, tags: Mapping[str, str]) -> None:
        assert key == KEY
        self.done.append(("tag", tags))

    def create_alias(self, alias: str, key: Key) -> None:
        self.done.append(("alias", alias, key.id))

    def create(self) -> None:
        self.done.append(("bucket",))
        if self.creating is not None:
            raise self.creating

    def set(self, setting: Setting, value: Mapping[str, Any]) -> None:
        self.done.append((setting, value))


def test_nothing_is_done_where_all_is_so() -> None:
    account = Account()
    assert (account.plan().pending, account.carry_out(), account.done) == ((), KEY, [])
    assert {step.condition for step in account.plan().steps} == {Condition.SO}


def test_what_is_missing_is_made_in_its_order() -> None:
    account = Account(aliased=None, bucket_region=None)
    assert account.plan().lines() == [
        "Account 1, eu-west-1:",
        "  KMS key                             will be made",
        "  KMS key, yearly rotation            will be set",
        "  alias/states                        will be made",
        "  bucket states                       will be made",
        "  bucket states, public access block  will be set",
        "  bucket states, object ownership     will be set",
        "  bucket states, versioning           will be set",
        "  bucket states, default encryption   will be set",
        "  bucket states, policy               will be set",
        "  bucket states, lifecycle            will be set",
        "  bucket states, tags                 will be set",
    ]
    document = account.plan().document()
    assert (document["key_arn"], document["steps"][0], len(document["steps"])) == (
        None,
        {"what": "KMS key", "condition": "missing"},
        11,
    )
    account.carry_out()
    made = [step[0] for step in account.done]
    assert made == ["key", "rotation", "alias", "bucket", *BACKEND.bucket_settings("")]
    assert account.done[1:3] == [("rotation", "k1"), ("alias", "alias/states", "k1")]
    assert dict(account.done[4:]) == BACKEND.bucket_settings(KEY.arn)


def test_what_differs_is_corrected_and_what_others_added_stays() -> None:
    account = Account(
        is_rotating=False,
        policies={"Theirs": {}, **BACKEND.key_policy, "DeletionWaits": {}},
        key_tags={"project": "other", "more": "x"},
    )
    account.settings |= {Setting.VERSIONING: {"Status": "Suspended"}, Setting.TAGS: {}}
    account.settings[Setting.POLICY] = {"Theirs": {"Sid": "Theirs"}}
    plan = account.plan()
    assert [(step.name, step.line) for step in plan.pending] == [
        ("KMS key, policy", "differs, will be corrected"),
        ("KMS key, yearly rotation", "will be set"),
        ("KMS key, tags", "differs, will be corrected"),
        ("bucket states, versioning", "differs, will be corrected"),
        ("bucket states, policy", "differs, will be corrected"),
        ("bucket states, tags", "will be set"),
    ]
    assert plan.document()["key_arn"] == "arn:k1"
    account.carry_out()
    assert account.done == [
        ("policy", ["AccountDecidesThroughIam", "DeletionWaits", "Theirs"]),
        ("rotation", "k1"),
        ("tag", BACKEND.tags),
        (Setting.VERSIONING, {"Status": "Enabled"}),
        (Setting.POLICY, {"Theirs": {"Sid": "Theirs"}, **BACKEND.bucket_settings(KEY.arn)[Setting.POLICY]}),
        (Setting.TAGS, BACKEND.tags),
    ]


def test_key_of_an_earlier_run_gets_its_alias() -> None:
    going = replace(KEY, id="k0", state="PendingDeletion")
    account = Account(aliased=None, tagged=[going, KEY])
    plan = account.plan()
    assert (plan.key, [step.name for step in plan.pending]) == (KEY, ["alias/states"])
    assert Account(aliased=None, tagged=[going]).plan().key is None
    assert refused(Account(aliased=None, tagged=[KEY, replace(KEY, id="k2")]).plan) == [
        "alias/states: leads to no key, and 2 keys are tagged for it: k1, k2; `aws kms create-alias` tells which one "
        "it is",
    ]


MENDED = (
    "an enabled symmetric key is required: mend that with `aws kms cancel-key-deletion` or `enable-key`, or choose "
    "another --alias"
)


@pytest.mark.parametrize(
    ("account", "line"),
    [
        (Account(aliased=replace(KEY, state="Disabled")), f"alias/states: came key k1, which is Disabled; {MENDED}"),
        (
            Account(aliased=replace(KEY, encrypts=False)),
            f"alias/states: came key k1, which is Enabled, not a symmetric one that encrypts; {MENDED}",
        ),
        (
            Account(bucket_region="eu-north-1"),
            "bucket states: it is in eu-north-1; allowed: --region eu-north-1, or another --bucket",
        ),
        (Account(bucket_region=failure("s3:ListBucket", Reason.DENIED, "403")), NOT_OURS),
        (Account(bucket_region=failure("s3:ListBucket", Reason.REFUSED, "500")), "s3:ListBucket, it: 500: no"),
    ],
)
def test_key_or_bucket_that_cannot_be_used_is_refused(account: Account, line: str) -> None:
    assert refused(account.plan) == [line]


def step(name: str, condition: Condition, done: list[Any], error: AwsError | None = None) -> AccountStep:
    def act() -> None:
        if error is not None:
            raise error
        done.append(name)

    return AccountStep(name=name, condition=condition, is_made=name == "a role", act=act)


def test_account_goes_first_and_only_where_it_is_not_so() -> None:
    account = Account(aliased=None, tagged=[KEY])
    done = cast("list[Any]", account.done)
    steps = (step("a role", Condition.MISSING, done), step("a setting", Condition.SO, done))
    plan = account.plan(*steps)
    assert plan.lines()[1:3] == [f"  {'a role':<34}  will be made", f"  {'a setting':<34}  is so"]
    assert [one.name for one in plan.pending] == ["a role", "alias/states"]
    assert step("a setting", Condition.MISSING, done).line == "will be set"
    account.carry_out(*steps)
    assert done == ["a role", ("alias", "alias/states", "k1")]


AGAIN = "Run the same command again once that is settled: it goes on where this one stopped."


@pytest.mark.parametrize(
    ("code", "line"), [("AccessDenied", "s3:CreateBucket, it: AccessDenied: no"), ("BucketAlreadyExists", NOT_OURS)]
)
def test_run_that_ends_in_between_says_what_was_done(code: str, line: str) -> None:
    account = Account(bucket_region=None, aliased=None, creating=failure("s3:CreateBucket", Reason.REFUSED, code))
    assert failed(account.carry_out) == [line, "Done by then: KMS key; KMS key, yearly rotation; alias/states.", AGAIN]


def test_run_that_could_do_nothing_says_so() -> None:
    refusing = step("a role", Condition.DIFFERS, [], failure("iam:CreateServiceLinkedRole", Reason.REFUSED))
    assert failed(Account().carry_out, refusing)[1:] == ["Done by then: nothing.", AGAIN]


def test_bucket_that_an_answer_was_lost_about_is_ours() -> None:
    account = Account(
        bucket_region=None, creating=failure("s3:CreateBucket", Reason.REFUSED, "BucketAlreadyOwnedByYou")
    )
    account.carry_out()
    assert account.done[1][0] is Setting.PUBLIC_ACCESS_BLOCK


def test_commands_name_the_region() -> None:
    assert BACKEND.login_command == "pulumi login 's3://states?region=eu-west-1'"
    assert BACKEND.init_command("live") == (
        "pulumi stack init live --secrets-provider 'awskms://alias/states?region=eu-west-1'"
    )
    assert BACKEND.key_description == "Pulumi state and configuration secrets of shop"
    assert BACKEND.tags == {
        "project": "shop",
        "managed-by": "shop state bootstrap",
        "shop:purpose": "pulumi-state:alias/states",
    }


def test_settings_close_the_bucket_and_bind_it_to_its_key() -> None:
    settings = BACKEND.bucket_settings("arn:k1")
    assert settings[Setting.PUBLIC_ACCESS_BLOCK] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    assert settings[Setting.ENCRYPTION]["BucketKeyEnabled"] is True
    policy = settings[Setting.POLICY]
    assert policy["TlsOnly"]["Resource"] == ["arn:aws:s3:::states", "arn:aws:s3:::states/*"]
    assert policy["NoOtherKey"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
        "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:k1"},
    }
    (rule,) = settings[Setting.LIFECYCLE].values()
    assert rule["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert (rule["NoncurrentVersionExpiration"], rule["AbortIncompleteMultipartUpload"]) == (
        {"NoncurrentDays": 90},
        {"DaysAfterInitiation": 7},
    )
    waits = BACKEND.key_policy["DeletionWaits"]["Condition"]
    assert waits == {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}
