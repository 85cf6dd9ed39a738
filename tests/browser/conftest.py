"""A headless Chromium without a network, and the pictures and pages that it opens."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from tests.support.programs import require_program, unavailable

SCRIPTS = Path(__file__).parents[2] / ".engine" / "browser_scripts"


@dataclass(frozen=True, kw_only=True)
class Browser:
    """One window. What a page asks for over a network is recorded, and gets nothing."""

    driver: Chrome

    def open(self, path: Path, *, width: int, scheme: str = "light") -> None:
        """Open a file in a window of that width, as a device of that width shows it."""
        # The browser's own first page may still be loading; what it asks for is not counted.
        self.driver.get("about:blank")
        self._log("performance")
        self._log("browser")
        self._command(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        self._command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.driver.get(path.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)  # pyright: ignore[reportUnknownMemberType]

    def complaints(self) -> list[str]:
        """Return what the console says since the page was opened: errors, warnings, refusals of the policy."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return every URL that the page asked for, its own among them."""
        events = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def _log(self, name: str) -> list[dict[str, Any]]:
        """Return the entries that came since it was last asked for."""
        return self.driver.get_log(name)  # pyright: ignore[reportUnknownMemberType]

    def _command(self, name: str, **parameters: Any) -> None:
        self.driver.execute_cdp_cmd(name, parameters)  # pyright: ignore[reportUnknownMemberType]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium = require_program("chromium", package="chromium")
    driver = require_program("chromedriver", package="chromium-driver")
    options = ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
        # Nothing outside is reached, whatever a page asks for; the driver's own connection is by address.
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--disable-background-networking",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    started = Chrome(options=options, service=ChromeService(executable_path=driver))
    try:
        yield Browser(driver=started)
    finally:
        started.quit()


@pytest.fixture(scope="session")
def mermaid_script() -> Path:
    scripts = sorted(SCRIPTS.glob("mermaid-*.js"))
    if not scripts:
        unavailable("Mermaid is not there (make browser-scripts, which needs npm)")
    return scripts[-1]
