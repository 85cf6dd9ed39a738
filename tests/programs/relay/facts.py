"""The facts of Relay, transcribed from its document "Infrastructure" and independent of the program.

``test_facts.py`` and the tests that ``statements.py`` names compare the program with them, once each. Other tests
take what they expect from the config and the catalog. R1 to R20 are the numbers under which the document's statements
are listed. The document names no service, region, account or size.
"""

from collections.abc import Mapping

TRIGGER = "push"
"""R1: of GitHub's events, the one that starts the pipeline ("CI/CD pipeline")."""

STEPS: tuple[str, ...] = (
    "checkout",
    "install",
    "lint",
    "unit tests",
    "bundles",
    "integration tests",
    "image",
    "push",
    "deploy to pre-production",
    "acceptance tests",
    "approval",
    "deploy to production",
    "notify",
)
"""R3, in the document's order ("Steps", 1 to 12; 11 is the approval and the deploy after it)."""

BUILT_EARLIER = "image"
"""The one step that is moved: the document builds the image after the integration tests, and compose builds another one
for them. Here the image is built before them, so that what was tested is what ships (RF3)."""

PACKAGE_MANAGER = "pnpm"
"""R3, step 2."""

CREDENTIALS = frozenset({"dockerhub", "sentry", "slack", "monday"})
"""R4, without the AWS keys, of which there are none (RF6)."""

INTEGRATION_FILE = "docker-compose.integration.yml"
INTEGRATION_STORES = frozenset({"mongo", "redis", "kafka"})
"""R6 ("Integration tests and docker-compose")."""

TAGS: Mapping[str, bool] = {"sha-": True, "branch-": False, "nightly-": True}
"""R7: how tags begin ("ECR / ECS deployment strategy"), and whether such a tag can never be moved. The document calls
all images immutable; a branch's tag has to move with the branch (RF1)."""

ENVIRONMENTS = ("preproduction", "production")
"""R9: the first is as the second, and tried first."""

METRICS = frozenset({"CPUUtilization", "MemoryUtilization", "TargetResponseTime", "send-rate"})
"""R11: CPU, memory, request latency and the application's own ("Observability & Alerts")."""

ALERTS_GO_TO = frozenset({"slack", "pagerduty"})
"""R14."""

TOLD_TO_SLACK = frozenset({"pipeline started", "pipeline failed", "deployed to production", "alert"})
"""R18 ("Notifications & Integrations")."""

TOLD_TO_MONDAY = ("deployed to pre-production", "promoted to production")
"""R19."""

SCRIPTS = "scripts/ci"
"""R1 ("Operational notes")."""
