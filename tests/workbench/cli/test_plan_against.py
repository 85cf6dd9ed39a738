"""``zelly plan --against``: commits of a real repository, saved plans, exit codes, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import PROGRAM, RULES_ON_PROGRAM, Project, Repository

ON_VPC = "live in ap-south-1 against {}: 1 replaced, 1 unchanged"


def test_the_same_as_the_commit(repository: Repository) -> None:
    head = repository.git("rev-parse", "--short=7", "HEAD")
    ran = repository.against("HEAD")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        f"live in ap-south-1 against HEAD ({head}): no changes, 2 unchanged",
        "The same",
        *RULES_ON_PROGRAM,
    ]
    # Nothing was left behind, in the repository or beside it.
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("worktree", "list").count("\n") == 0


def test_a_replacement_is_on_top_with_its_reason_and_its_exit_code(repository: Repository) -> None:
    head = repository.git("rev-parse", "--short=7", "HEAD")
    repository.change(network__cidr="10.9.0.0/16")
    ran = repository.against("HEAD")
    assert (ran.exit_code, ran.stderr) == (4, "")
    assert ran.stdout.splitlines() == [
        ON_VPC.format(f"HEAD ({head})"),
        "WILL BE REFUSED: 1",
        "  WILL BE REFUSED network (aws:ec2/vpc:Vpc): replaced because cidrBlock changed: the new one is made before "
        "the old one is deleted; Pulumi refuses in the preview, since it is protected (on purpose: "
        "docs/recovery.md#replacing-what-is-protected) [pulumi/pulumi pkg/resource/deploy/step_generator.go]",
        "",
        "live",
        "└── replaced network (aws:ec2/vpc:Vpc), because cidrBlock changed",
        '    ├── - cidrBlock: "10.20.0.0/16"',
        '    └── + cidrBlock: "10.9.0.0/16" (replaces)',
        *RULES_ON_PROGRAM,
    ]


def test_a_change_in_place_has_its_own_exit_code(repository: Repository) -> None:
    text = (repository.folder / "__main__.py").read_text()
    repository.project.program(text.replace("opts=options)", 'opts=options, tags={"a": "b"})'))
    ran = repository.against("HEAD", "--json")
    document = json.loads(ran.stdout)
    assert (ran.exit_code, ran.stderr, document["result"]) == (3, "", "changes")
    assert [one["properties"] for one in document["changes"]] == [
        [{"path": "tags.a", "kind": "added", "old": None, "new": "b", "replaces": False, "follows": []}]
    ]


def test_the_comment_is_the_only_thing_on_stdout_and_a_broken_rule_counts_when_it_is_asked_for(
    repository: Repository,
) -> None:
    repository.change(network__cidr="10.9.0.0/16")
    ran = repository.against("HEAD", "--markdown")
    assert (ran.exit_code, ran.stderr) == (4, "")
    assert ran.stdout.startswith("<!-- zelly plan live -->\n\n## 🛑 live: 1 replaced, 1 unchanged\n")
    assert (
        "\n\n### 🛑 120 rules: 3 broken, 0 findings excepted\n\n- **high** A VPC's default security group" in ran.stdout
    )
    checked = repository.against("HEAD", "--markdown", "--check")
    assert (checked.exit_code, checked.stderr, checked.stdout) == (1, "", ran.stdout)


def test_a_commits_program_runs_with_the_commits_own_code(repository: Repository) -> None:
    loading = repository.folder / "sample_infra" / "load.py"
    original = loading.read_text()
    loading.write_text(
        original + '\n_of_others = load\ndef load():\n    import pulumi\n    pulumi.export("own", "code")\n'
        "    return _of_others()\n"
    )
    repository.commit("another load")
    ran = repository.against("HEAD")
    assert (ran.exit_code, ran.stderr) == (3, "")
    assert "\nOutputs made in another way: own\n\nRules\n" in ran.stdout


def test_a_program_below_the_top_runs_with_what_the_commit_shares(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    below, shared = repository.folder / "programs" / "shop", repository.folder / "components" / "shared_by_programs.py"
    below.mkdir(parents=True)
    for path in repository.folder.glob("[!.p]*"):
        path.rename(below / path.name)
    shared.parent.mkdir()
    shared.write_text('VALUE = "first"\n')
    project = replace(repository.project, folder=below)
    project.program(f'{PROGRAM}\nimport shared_by_programs\npulumi.export("own", shared_by_programs.VALUE)\n')
    repository.commit("shared")
    shared.write_text('VALUE = "second"\n')
    monkeypatch.syspath_prepend(shared.parent)  # pyright: ignore[reportUnknownMemberType]
    ran = project.run("plan", "live", "--against", "HEAD")
    assert (ran.exit_code, ran.stderr) == (3, "")
    assert "\nOutputs made in another way: own\n" in ran.stdout


def test_three_dots_compare_with_where_the_branch_left(repository: Repository) -> None:
    first = repository.git("rev-parse", "--short=7", "HEAD")
    repository.git("branch", "work")
    repository.change(network__cidr="10.9.0.0/16")
    main = repository.commit("main goes on")
    repository.git("checkout", "--quiet", "work")

    tip = repository.against("main")
    assert tip.exit_code == 4
    assert tip.stdout.splitlines()[0] == ON_VPC.format(f"main ({main})")
    assert tip.stderr.splitlines() == [
        f"main ({main}) has 1 commit that HEAD has not: what they changed shows the other way round; "
        "--against main... compares with where HEAD left it"
    ]
    left = repository.against("main...")
    assert (left.exit_code, left.stderr) == (0, "")
    assert left.stdout.splitlines()[0] == f"live in ap-south-1 against main... ({first}): no changes, 2 unchanged"


def test_a_stack_that_the_commit_does_not_have_is_new(repository: Repository) -> None:
    (repository.folder / "Pulumi.trial.yaml").unlink()
    repository.change("trial", environment="preview")
    head = repository.git("rev-parse", "--short=7", "HEAD")
    ran = repository.against("HEAD", stack="preview")
    assert ran.exit_code == 3
    assert ran.stderr == f"HEAD ({head}) has no Pulumi.preview.yaml: everything is new\n"
    assert ran.stdout.splitlines()[0] == f"preview in eu-west-1 against HEAD ({head}): 3 added, 0 unchanged"


def test_other_requirements_are_pointed_out(repository: Repository) -> None:
    (repository.folder / "requirements.txt").write_text("pulumi==1\n")
    head = repository.commit("pinned")
    (repository.folder / "requirements.txt").write_text("pulumi==2\n")
    ran = repository.against("HEAD")
    assert ran.exit_code == 0
    assert ran.stderr == (
        f"requirements.txt is another one in HEAD ({head}): its program is evaluated with what is installed here\n"
    )


def test_a_saved_plan_can_be_compared_with(project: Project) -> None:
    plan = project.folder / "plan.json"
    saved = project.run("plan", "live", "--save", "plan.json")
    assert (saved.exit_code, saved.stderr) == (0, "")
    printed = project.run("plan", "live", "--json")
    assert plan.read_text() == printed.stdout

    project.change(network__cidr="10.9.0.0/16")
    ran = project.run("plan", "live", "--against", "plan.json")
    assert (ran.exit_code, ran.stderr) == (4, "")
    assert ran.stdout.splitlines()[0] == ON_VPC.format("plan.json")


def test_the_plan_of_another_stack_is_refused(project: Project) -> None:
    project.run("plan", "trial", "--save", "plan.json")
    ran = project.run("plan", "live", "--against", "plan.json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == "--against: plan.json: the plan of trial; allowed: one of live\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "--against: plan.json: not a saved plan: not JSON: "),
        (b"\xff", "--against: plan.json: not a saved plan: not UTF-8\n"),
        (b'{"format": "zelly plan", "version": 9}', "--against: plan.json: a plan of format version 9; allowed: 1\n"),
        (b'{"format": "zelly plan", "version": 1}', "--against: plan.json: a damaged plan: stack: Field required\n"),
    ],
)
def test_damaged_files_are_refused_with_one_line(project: Project, content: bytes, message: str) -> None:
    (project.folder / "plan.json").write_bytes(content)
    ran = project.run("plan", "live", "--against", "plan.json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(message)
    assert ran.stderr.count("\n") == 1


def test_a_reference_that_there_is_not(repository: Repository) -> None:
    for reference in ("nope", "--help", "nope...", "..."):
        ran = repository.project.run("plan", "live", f"--against={reference}")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert ran.stderr == (
            f"--against: {reference}; neither a file nor a commit of the repository {repository.folder}\n"
        )


def test_a_project_outside_of_a_repository(project: Project) -> None:
    ran = project.run("plan", "live", "--against", "HEAD", GIT_CEILING_DIRECTORIES=str(project.folder.parent))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"--against: {project.folder} is in no git repository; only the file of a saved plan is allowed\n"
    )


def test_git_that_is_not_there(project: Project, tmp_path: Path) -> None:
    ran = project.run("plan", "live", "--against", "HEAD", PATH=str(tmp_path))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == "git: not found on the PATH; it is needed to compare with a commit\n"


def test_branches_without_a_commit_in_common(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit("other")
    ran = repository.against("main...")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == (
        "--against: main...; HEAD and main have no commit in common here: fetch more of the history\n"
    )


def test_mistakes_in_the_commits_stack_file_are_its_own(repository: Repository) -> None:
    repository.change(redis__node_type="large")
    head = repository.commit("mistake")
    repository.change()
    ran = repository.against("HEAD")
    assert (ran.exit_code, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith(f'HEAD ({head}): Pulumi.live.yaml: sample:env.redis.node_type: came "large"')


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import nowhere", "its program fails here: ModuleNotFoundError: No module named 'nowhere'"),
        (
            'import pulumi\npulumi.CustomResource("odd:index/thing:Thing", "mine", {})',
            "odd:index/thing:Thing mine: odd:index/thing:Thing: no resource class Thing in pulumi_odd",
        ),
    ],
)
def test_a_commit_that_cannot_be_evaluated(repository: Repository, program: str, message: str) -> None:
    working = (repository.folder / "__main__.py").read_text()
    repository.project.program(program)
    head = repository.commit("broken")
    repository.project.program(working)
    ran = repository.against("HEAD")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == f"HEAD ({head}): {message}\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--markdown"], "--markdown: missing --against; a comment shows what changes\n"),
        (["--against", "HEAD", "--markdown", "--json"], "--markdown: came with --json; one of the two is allowed\n"),
        (["--save", "no/where.json"], "--save: no/where.json: No such file or directory\n"),
    ],
)
def test_options_that_do_not_go(project: Project, options: list[str], message: str) -> None:
    ran = project.run("plan", "live", *options)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", message)
