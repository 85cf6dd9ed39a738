"""What is loaded on demand is the SDK's own, all of it, and a plan does not differ by it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import sample
from workbench.review.plan_document import document
from workbench.sandbox.services import RESOURCES

SERVICES = sorted({token.split(":")[1].split("/")[0] for token in RESOURCES if token.startswith("aws:")})
"""Those of which the tools know a type."""


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=sample.ROOT
    ).stdout


def test_every_name_of_each_service_is_known_with_its_module() -> None:
    # In a process that loads all of the SDK: this one may have begun to load it on demand.
    code = f"""
import importlib
from pathlib import Path
from types import ModuleType
from workbench.evaluate.sdk_on_demand import exported_names
for service in {SERVICES}:
    package = importlib.import_module(f"pulumi_aws.{{service}}")
    package._utilities  # the first attribute that is asked for loads the package
    contents = vars(package)
    public = {{name for name, value in contents.items() if name[0].isalpha() and not isinstance(value, ModuleType)}}
    names = exported_names(Path(package.__path__[0]))
    for name in public:
        found = getattr(importlib.import_module(f"{{package.__name__}}.{{names[name]}}"), name)
        assert found is contents[name], (service, name)
    print(service, len(public) > 0)
"""
    assert run(code).splitlines() == [f"{service} True" for service in SERVICES]


def test_only_what_is_asked_for_is_loaded() -> None:
    code = """
import sys
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
load_sdk_on_demand()
import pulumi_aws as aws
aws.ec2.Vpc, aws.ssm.get_parameter_output
print(sorted(name for name in sys.modules if name.startswith(("pulumi_aws.ec2.", "pulumi_aws.ssm."))))
"""
    loaded = set(json.loads(run(code).replace("'", '"')))
    assert {"pulumi_aws.ec2.vpc", "pulumi_aws.ssm.get_parameter"} <= loaded
    assert not {"pulumi_aws.ec2.instance", "pulumi_aws.ssm.parameter"} & loaded


def test_function_is_not_taken_for_the_module_of_its_name() -> None:
    code = """
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
load_sdk_on_demand()
import pulumi_aws as aws
aws.iam.GetPolicyDocumentResult
print(callable(aws.iam.get_policy_document))
"""
    assert run(code) == "True\n"


def test_unknown_name_is_an_attribute_error() -> None:
    code = """
from workbench.evaluate.sdk_on_demand import load_sdk_on_demand
load_sdk_on_demand()
import pulumi_aws as aws
try:
    aws.ec2.Gadget
except AttributeError as error:
    print(error)
"""
    assert run(code) == "module 'pulumi_aws.ec2' has no attribute 'Gadget'\n"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_plan_is_the_one_of_the_whole_sdk_and_the_same_every_time(seed: str, tmp_path: Path) -> None:
    planned = subprocess.run(
        [sample.PROGRAM.name, "plan", "live", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=sample.FOLDER,
        env={**os.environ, **sample.installed(tmp_path / "installed"), "PYTHONHASHSEED": seed},
    )
    expected = document(sample.evaluation_of("live"), "ap-south-1").as_json()
    assert planned.stdout == f"{json.dumps({**expected, 'format': 'sample plan'}, indent=2, sort_keys=True)}\n"
