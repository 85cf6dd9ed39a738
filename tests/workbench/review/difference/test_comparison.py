"""What is matched, what changes, what is replaced, and what follows from that."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_random as random
import pytest

from tests.support.sample import STACKS, evaluation_of
from tests.workbench.review.plans import compared, network, only, plan, shown
from workbench.providers.changes import Kind
from workbench.review.difference.comparison import Action, Order, compare
from workbench.review.difference.following import Unknown
from workbench.review.plan_document import Secret, document, parse
from workbench.review.tree import count_by_type
from zelly_components.base import Component


@pytest.mark.parametrize("stack", STACKS)
def test_a_plan_is_the_same_as_itself_also_after_it_was_saved(stack: str) -> None:
    new = document(evaluation_of(stack), "eu-west-1")
    saved = parse(json.dumps(new.as_json()), source="saved")
    comparison = compare(saved, new, base="saved")
    assert (comparison.changes, comparison.outputs) == ((), ())
    assert comparison.unchanged == count_by_type(evaluation_of(stack)).total()


def test_added_and_removed_resources() -> None:
    comparison = compared(lambda: aws.sns.Topic("old"), lambda: aws.sns.Topic("new"))
    assert shown(comparison) == ["added new: ", "removed old: "]
    assert [(change.old is None, change.new is None) for change in comparison.changes] == [(True, False), (False, True)]
    assert [change.name for change in comparison.of(Action.REMOVED)] == ["old"]
    assert comparison.unchanged == 0


def test_a_change_in_place_names_both_values() -> None:
    change = only(
        compared(
            lambda: aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"a": "1"}),
            lambda: aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"a": "2", "b": "3"}),
        )
    )
    assert (change.action, change.order, change.known) == (Action.CHANGED, None, True)
    assert [(one.path, one.kind, one.old, one.new) for one in change.properties] == [
        ("tags.a", Kind.CHANGED, "1", "2"),
        ("tags.b", Kind.ADDED, None, "3"),
    ]


def test_a_replacement_is_followed_to_what_comes_from_it() -> None:
    def program(cidr: str) -> None:
        subnet = network(cidr)
        aws.ec2.Instance("host", subnet_id=subnet.id, ami="ami-1", tags={"subnet": subnet.id, "own": "x"})
        aws.ec2.Eip("address", tags={"subnet": subnet.id.apply(lambda value: f"in {value}")})

    comparison = compared(lambda: program("10.0.0.0/16"), lambda: program("10.1.0.0/16"))

    assert shown(comparison) == [
        "changed address: tags.subnet",
        "replaced host: subnetId*, tags.subnet",
        "replaced sub: vpcId*",
        "replaced net: cidrBlock*",
    ]
    (address, host, _, net) = comparison.changes
    assert host.properties[0].follows == ("urn:pulumi:test::test::aws:ec2/subnet:Subnet::sub",)
    assert host.properties[0].new == Unknown("${sub.id}")
    assert address.properties[0].new == Unknown("in ${sub.id}")
    assert net.properties[0].follows == ()


def test_what_is_ignored_is_not_followed_either() -> None:
    options = pulumi.ResourceOptions(ignore_changes=["vpcId"])
    comparison = compared(
        lambda: network("10.0.0.0/16", subnet_opts=options),
        lambda: network("10.1.0.0/16", subnet_opts=options),
    )
    assert shown(comparison) == ["replaced net: cidrBlock*"]


def test_what_repeats_an_input_of_what_is_replaced_does_not_follow() -> None:
    def program(suffix: str) -> None:
        cluster = aws.ecs.Cluster("cluster", name=f"cluster{suffix}")
        group = aws.cloudwatch.LogGroup("logs", name="/logs", log_group_class="STANDARD" + suffix)
        aws.cloudwatch.LogStream("stream", log_group_name=group.name, name="s")
        aws.ssm.Parameter("parameter", name="/p", type="String", value=cluster.name)

    assert shown(compared(lambda: program(""), lambda: program("2"))) == [
        "replaced logs: logGroupClass*",
        "replaced cluster: name*",
        "changed parameter: value",
    ]


def test_a_reference_to_a_new_resource_of_the_same_name_is_another_value() -> None:
    def program(queue: bool) -> None:
        made = aws.sqs.Queue("thing") if queue else aws.sns.Topic("thing")
        aws.ssm.Parameter("parameter", name="/p", type="String", insecure_value=made.arn)

    assert shown(compared(lambda: program(True), lambda: program(False))) == [
        "added thing: ",
        "removed thing: ",
        "changed parameter: insecureValue",
    ]


def secrets(length: int = 20, constant: str = "a") -> None:
    password = random.RandomPassword("password", length=length)
    aws.ssm.Parameter("made", name="/made", type="SecureString", value=password.result)
    aws.ssm.Parameter("given", name="/given", type="SecureString", value=pulumi.Output.secret(constant))


def test_a_secret_shows_as_changed_only_where_it_is_another_one() -> None:
    assert compared(secrets, secrets).changes == ()
    change = only(compared(secrets, lambda: secrets(constant="b")))
    assert shown(compared(secrets, lambda: secrets(constant="b"))) == ["changed given: value"]
    (property_change,) = change.properties
    assert isinstance(property_change.old, Secret)
    assert isinstance(property_change.new, Secret)
    assert (f"{property_change.old}", f"{property_change.new}") == ("[secret]", "[secret]")


def test_a_secret_that_comes_from_a_replaced_one_changes() -> None:
    assert shown(compared(secrets, lambda: secrets(length=30))) == [
        "changed made: value",
        "replaced password: length*",
    ]


def test_what_was_computed_from_random_bytes_follows_them() -> None:
    def program(length: int) -> None:
        key = random.RandomBytes("key", length=length)
        public = pulumi.Output.unsecret(key.base64.apply(lambda text: text.lower()))
        aws.ssm.Parameter("public", name="/public", type="String", insecure_value=public)

    assert shown(compared(lambda: program(32), lambda: program(16))) == [
        "changed public: insecureValue",
        "replaced key: length*",
    ]


class Store(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        password = random.RandomPassword(f"{name}-password", length=20, opts=self.child())
        bucket = aws.s3.Bucket(f"{name}-files", opts=self.child())
        aws.s3.BucketPolicy("policy", bucket=bucket.bucket, policy="{}", opts=self.child())
        aws.ssm.Parameter("secret", type="SecureString", value=password.result, opts=self.child())


class Shop(Store):
    pass


@pytest.mark.parametrize(
    "alias", [pulumi.Alias(name="old"), "urn:pulumi:test::test::zelly-components:index:Store::old"], ids=["name", "URN"]
)
def test_a_renamed_component_with_an_alias_changes_nothing(alias: pulumi.Alias | str) -> None:
    before = plan(lambda: Store("old"))
    after = plan(lambda: Store("new", pulumi.ResourceOptions(aliases=[alias])))
    comparison = compare(before, after, base="before")
    # What refers to the bucket or the password does so by their names in the program, which are other ones.
    assert comparison.changes == ()
    assert comparison.unchanged == 4


def test_a_component_of_another_type_with_an_alias_changes_nothing() -> None:
    options = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="zelly-components:index:Store")])
    comparison = compared(lambda: Store("shop"), lambda: Shop("shop", options))
    assert comparison.changes == ()


def test_a_renamed_component_without_an_alias_is_another_one() -> None:
    comparison = compared(lambda: Store("old"), lambda: Store("new"))
    assert [(change.action, change.name, change.components) for change in comparison.changes] == [
        (Action.ADDED, "new-files", ("new",)),
        (Action.REPLACED, "policy", ("new",)),
        (Action.CHANGED, "secret", ("new",)),
        (Action.ADDED, "new-password", ("new",)),
        (Action.REMOVED, "old-files", ("old",)),
        (Action.REMOVED, "old-password", ("old",)),
    ]


def bucket(options: pulumi.ResourceOptions) -> None:
    aws.s3.Bucket("files", opts=options)


def test_changed_options_are_changes() -> None:
    protected, retained = pulumi.ResourceOptions(protect=True), pulumi.ResourceOptions(retain_on_delete=True)
    change = only(compared(lambda: bucket(protected), lambda: bucket(retained)))
    assert change.action is Action.CHANGED
    assert [(option.name, option.old, option.new, option.replaces) for option in change.options] == [
        ("protect", True, False, False),
        ("retainOnDelete", False, True, False),
    ]


def test_a_changed_trigger_replaces() -> None:
    first, second = (pulumi.ResourceOptions(replacement_trigger=value) for value in ("1", "2"))
    change = only(compared(lambda: bucket(first), lambda: bucket(second)))
    assert (change.action, change.order) == (Action.REPLACED, Order.CREATE_FIRST)
    assert [option.name for option in change.options] == ["replacementTrigger"]


def test_an_option_can_ask_that_a_change_replaces() -> None:
    def program(value: str) -> None:
        options = pulumi.ResourceOptions(replace_on_changes=["tags.a"])
        aws.s3.Bucket("files", tags={"a": value, "b": value}, opts=options)

    assert shown(compared(lambda: program("1"), lambda: program("2"))) == ["replaced files: tags.a*, tags.b"]


@pytest.mark.parametrize(
    ("name", "options", "order"),
    [
        (None, pulumi.ResourceOptions(), Order.CREATE_FIRST),
        ("group", pulumi.ResourceOptions(), Order.DELETE_FIRST),
        (None, pulumi.ResourceOptions(delete_before_replace=True), Order.DELETE_FIRST),
    ],
)
def test_order_of_a_replacement(name: str | None, options: pulumi.ResourceOptions, order: Order) -> None:
    def program(description: str) -> None:
        aws.ec2.SecurityGroup("web", description=description, name=name, opts=options)

    assert only(compared(lambda: program("a"), lambda: program("b"))).order is order


def test_another_region_of_the_provider_replaces_what_has_none_of_its_own() -> None:
    def program(region: str) -> None:
        provider = aws.Provider("aws", region=region)
        aws.sns.Topic("here", opts=pulumi.ResourceOptions(provider=provider))
        aws.sns.Topic("there", region="eu-west-3", opts=pulumi.ResourceOptions(provider=provider))

    assert shown(compared(lambda: program("eu-west-1"), lambda: program("eu-west-2"))) == [
        "replaced here: region*",
        "changed aws: region",
    ]


def test_of_an_unknown_type_it_is_said_to_be_unknown() -> None:
    def program(delay: int) -> None:
        aws.sqs.Queue("queue", delay_seconds=delay)

    change = only(compared(lambda: program(1), lambda: program(2)))
    assert (change.action, change.known) == (Action.CHANGED, False)


def test_deleting_what_is_protected_is_refused() -> None:
    def program(name: str, protect: bool) -> None:
        aws.s3.Bucket("files", bucket=name, opts=pulumi.ResourceOptions(protect=protect))

    def refused(before: bool, after: bool) -> bool:
        return only(compared(lambda: program("a", before), lambda: program("b", after))).refused_by_engine

    assert (refused(True, True), refused(True, False), refused(False, True)) == (True, False, False)
    assert only(compared(lambda: program("a", True), lambda: None)).refused_by_engine
    assert not only(compared(lambda: None, lambda: program("a", True))).refused_by_engine


def test_outputs_that_are_made_in_another_way_are_named() -> None:
    def program(**outputs: str) -> None:
        for name, value in outputs.items():
            pulumi.export(name, value)

    comparison = compared(lambda: program(same="1", other="1", gone="1"), lambda: program(same="1", other="2", new="1"))
    assert comparison.outputs == ("gone", "new", "other")
