import subprocess
from pathlib import Path

import pytest

from tests.support.programs import require_program

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "script",
    [
        ".ci/run",
        "tests/install_debian_packages.sh",
        "tests/local_dev/application/install.sh",
        "tests/local_dev/entrypoints/clickhouse-client.sh",
        "tests/local_dev/entrypoints/clickhouse.sh",
        "tests/local_dev/entrypoints/mysql-client.sh",
        "tests/local_dev/entrypoints/mysql.sh",
        "tests/machines/redis/bullmq/install.sh",
        "tools/actionlint/build.sh",
        "tools/browser_scripts/install.sh",
        "tools/compose/build.sh",
        "tools/edge/build.sh",
        "tools/engine/build.sh",
        "tools/groovy/build.sh",
        "tools/install.sh",
    ],
)
def test_script_has_no_shell_mistakes(script: str) -> None:
    shellcheck = require_program("shellcheck", package="shellcheck")
    completed = subprocess.run([shellcheck, script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert completed.stdout == ""
