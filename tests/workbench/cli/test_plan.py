"""``zelly plan``: what it prints to people and to programs."""

import json

from tests.workbench.cli.conftest import RULES_ON_PROGRAM, Project


def test_json_is_the_only_thing_on_stdout_and_masks_secrets(project: Project) -> None:
    completed = project.run("plan", "live", "--json")
    document = json.loads(completed.stdout)
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert sorted(document) == ["format", "outputs", "region", "resources", "stack", "version"]
    assert (document["format"], document["version"]) == ("zelly plan", 1)
    assert (document["stack"], document["region"]) == ("live", "ap-south-1")
    assert document["outputs"] == {"password": "[secret]", "vpc_id": "${network.id}"}
    (vpc,) = [resource for resource in document["resources"] if resource["type"] == "aws:ec2/vpc:Vpc"]
    assert vpc == {
        "urn": "urn:pulumi:live::sample::aws:ec2/vpc:Vpc::network",
        "type": "aws:ec2/vpc:Vpc",
        "name": "network",
        "parent": "urn:pulumi:live::sample::pulumi:pulumi:Stack::sample-live",
        "custom": True,
        "inputs": {"cidrBlock": "10.20.0.0/16"},
        "secret_digests": {},
        "depends_on": [],
        "property_dependencies": {},
        "aliases": [],
        "provider": "urn:pulumi:live::sample::pulumi:providers:aws::aws",
        "protect": True,
        "ignore_changes": [],
        "replace_on_changes": [],
        "replacement_trigger": None,
        "retain_on_delete": False,
        "delete_before_replace": False,
    }


def test_a_plan_ends_with_what_the_rules_say_and_lists_little_before(project: Project) -> None:
    completed = project.run("plan", "trial")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert completed.stdout.splitlines() == [
        "trial in eu-west-1: 2 resources, 0 of them protected",
        "├── 1 aws:ec2/vpc:Vpc",
        "└── 1 random:index/randomPassword:RandomPassword",
        "",
        "2 types and 2 outputs: --full lists them, and what each component holds",
        *RULES_ON_PROGRAM,
    ]


def test_piped_full_plan_is_plain_lines(project: Project) -> None:
    completed = project.run("plan", "trial", "--full")
    assert (completed.exit_code, completed.stderr) == (0, "")
    assert completed.stdout.splitlines() == [
        "trial in eu-west-1: 2 resources, 0 of them protected",
        "├── 1 aws:ec2/vpc:Vpc",
        "└── 1 random:index/randomPassword:RandomPassword",
        "",
        "Resources by type",
        "   1 aws:ec2/vpc:Vpc",
        "   1 random:index/randomPassword:RandomPassword",
        "",
        "Outputs",
        "  password: [secret]",
        "  vpc_id: ${network.id}",
        *RULES_ON_PROGRAM,
    ]


def test_check_ends_with_1_where_a_rule_is_broken(project: Project) -> None:
    shown, checked = (project.run("plan", "trial", *options) for options in ((), ("--check",)))
    assert (shown.exit_code, checked.exit_code, checked.stderr) == (0, 1, "")
    assert checked.stdout == shown.stdout


def test_json_stays_a_plan_and_check_says_on_stderr_what_is_broken(project: Project) -> None:
    shown, checked = (project.run("plan", "trial", "--json", *options) for options in ((), ("--check",)))
    assert (shown.exit_code, shown.stderr, checked.exit_code) == (0, "", 1)
    assert checked.stdout == shown.stdout
    assert checked.stderr.splitlines() == [line.removeprefix("  ") for line in RULES_ON_PROGRAM[2:]]


def test_exceptions_are_the_projects_own_and_a_wrong_one_is_said(project: Project) -> None:
    exceptions = project.folder / "policy" / "exceptions.toml"
    exceptions.parent.mkdir()
    exceptions.write_text(
        "".join(
            f'[[exception]]\nrule = "{rule}"\nresources = "*"\nstacks = ["trial"]\n'
            'expires = 9999-12-31\nreason = "A program that is there to be tested."\n'
            for rule in ("default-security-group-closed", "vpc-flow-log", "provider-default-tags")
        )
    )
    excepted = project.run("plan", "trial", "--check")
    assert (excepted.exit_code, excepted.stderr) == (0, "")
    assert excepted.stdout.endswith(
        "\nRules\n  120 rules: 0 broken, 3 findings excepted\n"
        "    3 exceptions, the first until 9999-12-31: --rules lists them\n"
    )
    listed = project.run("plan", "trial", "--check", "--rules")
    assert listed.stdout.count("\n    excepted until 9999-12-31: ") == 3
    exceptions.write_text(exceptions.read_text().replace("vpc-flow-log", "vpc-flow-logs"))
    wrong = project.run("plan", "trial")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert wrong.stderr == (
        f'{exceptions}: exception 2 (vpc-flow-logs): rule: came "vpc-flow-logs"; there is no such rule\n'
    )


def test_stack_comes_from_the_environment_where_none_is_named(project: Project) -> None:
    completed = project.run("plan", "--json", ZELLY_STACK="trial")
    assert json.loads(completed.stdout)["stack"] == "trial"


def test_unknown_resource_type_is_named_and_fails(project: Project) -> None:
    project.program('import pulumi\npulumi.CustomResource("odd:index/thing:Thing", "mine", {})')
    completed = project.run("plan", "live")
    assert (completed.exit_code, completed.stdout) == (1, "")
    assert completed.stderr.splitlines() == [
        "live: 1 resource could not be made:",
        "  odd:index/thing:Thing mine: odd:index/thing:Thing: no resource class Thing in pulumi_odd",
    ]


def test_quotas_are_shown_as_lines_or_as_one_object(project: Project) -> None:
    shown, printed = (project.run("plan", "trial", "--quotas", *options) for options in ((), ("--json",)))
    assert shown.stdout == "VPCs per Region (L-F678F1CE): 2 with the region's default VPC; within the default of 5\n"
    document = json.loads(printed.stdout)
    assert (document["stack"], document["region"], [one["quota_code"] for one in document["quotas"]]) == (
        "trial",
        "eu-west-1",
        ["L-F678F1CE"],
    )


def test_quotas_beside_something_else_to_show_are_refused(project: Project) -> None:
    refused = project.run("plan", "trial", "--quotas", "--check")
    assert (refused.exit_code, refused.stdout, refused.stderr) == (
        2,
        "",
        "--quotas: came with --check; one of the two is allowed\n",
    )
