"""The parts of the page, of a program that is small enough to write each of them down."""

import functools
import re

import pulumi
import pulumi_aws as aws

from workbench.evaluate import evaluate
from workbench.review.page import Section, render
from zelly_components.base import Component


class Store(Component):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        key = aws.kms.Key(f"{name}-key", opts=self.child())
        aws.kms.Alias(f"{name}-alias", target_key_id=key.id, opts=pulumi.ResourceOptions(parent=key))
        aws.s3.Bucket(
            f"{name}-bucket",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[key], retain_on_delete=True, protect=True),
        )


def _program() -> None:
    aws.Provider("aws", region="eu-west-1")
    Store("test-test-files")
    aws.sns.Topic("alarms", display_name="é")
    pulumi.export("text", "a & b")
    pulumi.export("list", [1, {"b": 1, "a": 2}])


@functools.cache
def page() -> str:
    section = Section(title="A part", columns=("name", "USD"), rows=[("a", "1"), ("b", "2")])
    return render(evaluate(_program), "eu-west-1", [section], first=[Section(title="First", summary="Said.")])


def test_tree_has_each_branch_with_its_count_and_each_resource_once() -> None:
    tree = page().partition('<div id="tree">')[2].partition("</section>")[0]
    branches = re.findall(r'class="branch" id="(r\d+)-all"><summary>(.*?) <span class="soft">(\d+)</span>', tree)
    assert [(title, total) for _, title, total in branches] == [
        ("Store test-test-files", "3"),
        ("Key test-test-files-key", "2"),
    ]
    leaves = re.findall(r'class="leaf" id="(r\d+)"><summary>(.*?) <span', tree)
    assert [name for _, name in leaves] == [
        "test-test-files-key", "test-test-files-alias", "test-test-files-bucket", "alarms",
    ]  # fmt: skip
    anchors = {name: anchor for anchor, name in leaves}
    assert len({*anchors.values(), *(anchor for anchor, _, _ in branches)}) == 5
    after = re.findall(r'After <a href="#(r\d+)">(.*?)</a></p>', tree)
    assert after == [(anchors["test-test-files-key"], "files-key")] * 2
    assert re.findall(r'<span class="mark">(.*?)</span>', tree) == ["protected", "kept when removed"]
    assert "&#34;displayName&#34;: &#34;é&#34;" in tree


def test_head_counts_what_is_made() -> None:
    assert "<p>4 resources, 1 of them protected." in page()
    assert re.findall(r'<h2 id="(.*?)">', page()) == ["first", "a-part", "timeline", "resources", "outputs"]


def test_only_what_is_slow_has_a_bar() -> None:
    # The key alone takes ten seconds or more.
    bars = re.findall(r'<tr><td>(.*?)</td><td class="number">(\d+) s</td><td class="number">(\d+) s</td>', page())
    assert bars == [("files-key", "0", "22")]


def test_outputs_are_text_or_json() -> None:
    outputs = page().partition('<h2 id="outputs">')[2]
    assert re.findall(r'<th scope="row">(.*?)</th><td><pre>(.*?)</pre>', outputs, re.DOTALL) == [
        ("list", "[\n  1,\n  {\n    &#34;a&#34;: 2,\n    &#34;b&#34;: 1\n  }\n]"),
        ("text", "a &amp; b"),
    ]
