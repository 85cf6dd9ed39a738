"""What docs/adoption.md says to type, and of the estates that it was tried on, is what there is."""

from tests.adoption.estates import VARIANTS, state_of
from tests.zelly_infra.stack_files import ROOT
from workbench.adopt.folder.removed import Removal
from workbench.adopt.folder.runbook import steps

PAGE = (ROOT / "docs" / "adoption.md").read_text(encoding="utf-8")
FOLDER = "adoption-staging"


def test_commands_of_the_folder_stand_in_the_page_in_their_order() -> None:
    removal = Removal(blocks=("aws_vpc.this",), commands=("aws_subnet.public[0]",))
    typed = [
        command
        for step in steps("staging", FOLDER, imported=1, edits=1, removal=removal)
        for command in step.commands
        # The page copies the state before there is a folder, and names Terraform's own.
        if not command.startswith(("terraform state pull", "cp ", "rm "))
    ]
    assert len(typed) > 10
    lines = iter(line.partition("  #")[0].rstrip() for line in PAGE.splitlines())
    assert [command for command in typed if command not in lines] == []


def test_size_of_the_estates_is_as_the_page_says() -> None:
    managed = {
        stack: sum(
            len(resource["instances"])
            for resource in state_of(VARIANTS[stack])["resources"]
            if resource["mode"] == "managed"
        )
        for stack in ("staging", "production")
    }
    sizes = f"{managed['staging']} and {managed['production']} resources"
    assert sizes in " ".join(PAGE.split())
