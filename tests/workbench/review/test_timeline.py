import pulumi
import pulumi_aws as aws
import pytest

from workbench.evaluate import Evaluation, evaluate
from workbench.review.timeline import duration, in_words, slowest_chain, timeline


def network(*, bucket_waits_for_key: bool = False) -> Evaluation:
    """A VPC (11 s) with a subnet (2 s) in it, a key (22 s), and a bucket (9 s) that may wait for the key."""

    def program() -> None:
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24")
        key = aws.kms.Key("key")
        aws.s3.Bucket("bucket", opts=pulumi.ResourceOptions(depends_on=[key] if bucket_waits_for_key else []))

    return evaluate(program)


def starts(evaluation: Evaluation) -> dict[str, tuple[float, float]]:
    return {step.resource.name: (step.start, step.end) for step in timeline(evaluation).steps}


def test_resource_begins_when_all_that_its_inputs_need_is_there() -> None:
    assert starts(network()) == {"bucket": (0, 9), "key": (0, 22), "subnet": (11, 13), "vpc": (0, 11)}


def test_depends_on_delays_and_can_lengthen_the_whole() -> None:
    evaluation = network(bucket_waits_for_key=True)
    assert starts(evaluation)["bucket"] == (22, 31)
    assert timeline(evaluation).seconds == 31


def test_length_in_words() -> None:
    evaluation = network(bucket_waits_for_key=True)
    assert in_words(timeline(evaluation), slowest_chain(evaluation)) == (
        "A first up takes 31 s at least (31 s): its critical path. The slowest single chain, up to key, takes 22 s of "
        "that. One after the other, everything would take 44 s."
    )
    assert in_words(timeline(evaluate(lambda: None)), None) == "Nothing is made."


def test_critical_path_is_the_chain_that_ends_last() -> None:
    found = timeline(network(bucket_waits_for_key=True))
    assert [step.resource.name for step in found.critical_path] == ["key", "bucket"]
    assert found.seconds_in_sequence == 11 + 2 + 22 + 9


def test_slowest_chain_knows_no_depends_on() -> None:
    def program() -> None:
        bucket = aws.s3.Bucket("bucket")
        aws.kms.Key("key", opts=pulumi.ResourceOptions(depends_on=[bucket]))

    slowest = slowest_chain(evaluate(program))
    assert slowest is not None
    assert (slowest.resource.name, slowest.end) == ("key", 22)


def test_child_of_a_resource_waits_for_it_and_of_a_component_does_not() -> None:
    def program() -> None:
        component = pulumi.ComponentResource("test:index:Group", "group")
        key = aws.kms.Key("key", opts=pulumi.ResourceOptions(parent=component))
        aws.s3.Bucket("bucket", opts=pulumi.ResourceOptions(parent=key))
        aws.s3.Bucket("free", opts=pulumi.ResourceOptions(parent=component))

    assert starts(evaluate(program)) == {"bucket": (22, 31), "free": (0, 9), "key": (0, 22)}


def test_program_that_makes_nothing_takes_no_time() -> None:
    evaluation = evaluate(lambda: None)
    assert (timeline(evaluation).seconds, timeline(evaluation).steps, slowest_chain(evaluation)) == (0, (), None)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0 s"), (59.6, "1 min 0 s"), (486, "8 min 6 s")])
def test_duration_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text
