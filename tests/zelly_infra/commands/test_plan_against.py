"""``zelly plan --against`` a commit that holds tools of its own, of another version than those that are typed."""

import shutil
import subprocess

from tests.support.programs import require_program
from tests.zelly_infra.commands.conftest import Copy
from tests.zelly_infra.stack_files import ROOT


def test_todays_tools_evaluate_the_commits_program(copy: Copy) -> None:
    git = [require_program("git", package="git"), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for name in ("workbench", "zelly_infra", "components"):
        shutil.copytree(ROOT / name, copy.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy.folder / "workbench" / "evaluate" / "program.py").write_text("raise RuntimeError('the commit's own')\n")
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "first"]):
        subprocess.run([*git, *arguments], cwd=copy.folder, check=True)
    ran = copy.run("plan", "production", "--against", "HEAD")
    assert (ran.exit_code, ran.stderr, ran.stdout.splitlines()[1]) == (0, "", "The same")
