"""What README and the pages show is what there is."""

import re
from pathlib import Path

from workbench.evaluate import evaluate

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_components_can_be_used_as_shown() -> None:
    page = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    evaluation = evaluate(lambda: exec(example, {}))  # noqa: S102 (the page's own example)
    assert evaluation.outputs == {"cache": "${shop-cache.primaryEndpointAddress}"}
    components = {resource.type for resource in evaluation.resources if not resource.custom}
    assert {"zelly-components:index:Vpc", "zelly-components:index:RedisNode"} <= components


def test_every_link_and_file_exists() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
        assert missing == [], page.name


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_readme_is_read_in_one_sitting() -> None:
    assert len(README.splitlines()) < 250
