"""The page on permissions names every action that a deploy calls."""

import re

from workbench.documentation.permissions import DOCUMENT
from workbench.operations.deploys.actions import ANSWER_PAUSE, DEPLOY, FOLLOW_SHIFT, TAKE_BACK


def test_actions_of_the_page_are_those_of_the_commands() -> None:
    section = DOCUMENT.read_text("utf-8").partition("## What a deploy calls")[2].partition("<!--")[0]
    told = set(re.findall(r"`([a-z]+:[A-Z][A-Za-z]+)`", section))
    beside = {"ecs:TagResource", "iam:PassRole", "logs:GetLogEvents", "secretsmanager:GetSecretValue"}
    assert told == DEPLOY | FOLLOW_SHIFT | TAKE_BACK | ANSWER_PAUSE | beside
