import pytest

from zelly_components.limits.instance_type import architecture


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("t3.small", "x86_64"),
        ("t3a.small", "x86_64"),
        ("m7i-flex.large", "x86_64"),
        # The family's own g is a graphics card.
        ("g4dn.xlarge", "x86_64"),
        ("t4g.micro", "arm64"),
        ("c7gn.large", "arm64"),
        ("im4gn.large", "arm64"),
        ("g5g.xlarge", "arm64"),
        ("a1.medium", "arm64"),
    ],
)
def test_architecture_follows_from_the_name_of_the_type(instance_type: str, expected: str) -> None:
    assert architecture(instance_type) == expected


@pytest.mark.parametrize(
    ("came", "near"),
    [
        ("t3.medum", "t3.medium, t3a.medium or t2.medium"),
        ("t3.enormous", "t3.small"),
        # Named against EC2's own convention: no host.
        ("u-6tb1.metal", "a1.metal, z1d.metal or r6i.metal"),
    ],
)
def test_what_is_no_type_is_refused_with_what_comes_near(came: str, near: str) -> None:
    with pytest.raises(ValueError, match="came") as refusal:
        architecture(came)
    assert str(refusal.value) == f"instance_type: came {came}; allowed an EC2 instance type such as {near}"
