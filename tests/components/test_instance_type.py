import pytest

from components.instance_type import architecture


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


def test_type_of_another_form_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^instance_type: came u-6tb1\.metal; allowed a type such as t3\.small or t4g\.small$"
    ):
        architecture("u-6tb1.metal")
