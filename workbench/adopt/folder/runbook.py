"""The commands of an adoption, numbered, in the order in which they are typed, with the way back from each."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workbench.adopt.folder.files import EDITED_FILE, EXPORTED_FILE, IMPORT_FILE, REMOVED_FILE, STATE_RM_FILE
from workbench.adopt.folder.removed import Removal
from workbench.counting import counted
from workbench.words import command


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of an adoption."""

    title: str
    commands: tuple[str, ...]
    expected: str
    """What is to be seen then."""
    back: str
    """The way back to where Terraform goes on alone."""


_FORGET = "`pulumi stack rm STACK --force` forgets the state and touches nothing in AWS; Terraform goes on."


def steps(stack: str, folder: str, *, imported: int, edits: int, removal: Removal) -> list[Step]:
    """Return the steps, with the stack and the folder in their commands."""
    where, name = shlex.quote(folder), shlex.quote(stack)

    def file(of: str) -> str:
        return shlex.quote(f"{folder.rstrip('/')}/{of}")

    verify = command("adopt verify", name, "--folder", where)
    defaults = command("adopt defaults", name, "--folder", where)
    forget = _FORGET.replace("STACK", name)
    return [
        Step(
            title="Nobody applies Terraform any more",
            commands=(f"terraform state pull > {file('terraform.tfstate')}",),
            expected="Writes to the bucket of Terraform's state are denied from now on, for pipelines too. The copy of "
            "the state must be the one that this folder was made from.",
            back="Allow the writes again.",
        ),
        Step(
            title="Import",
            commands=(
                f"pulumi stack select --create {name}",
                f"pulumi import --file {file(IMPORT_FILE)} --stack {name} --generate-code=false --protect --yes",
                verify,
            ),
            expected=f"{counted(imported, 'resource')} imported, each with its id. Nothing in AWS is changed. Of an "
            f"import that stopped half-way, `{command('adopt rest', name, '--folder', where)}` writes what is left.",
            back=forget,
        ),
        *([_edit_step(name, file, edits, commands=(defaults, verify))] if edits else []),
        Step(
            title="Look at the first update",
            commands=(f"pulumi preview --stack {name} --diff",),
            expected=f"What `{command('adopt')}` announced, and nothing is replaced or deleted. Otherwise stop here.",
            back=forget,
        ),
        _update_step(name, verify, forget),
        _removal_step(file, removal),
        Step(
            title="Delete the folder",
            commands=(f"rm -r {where}",),
            expected="There are passwords in it.",
            back="The copy of Terraform's state, kept elsewhere, is the last one.",
        ),
    ]


def _edit_step(name: str, file: Callable[[str], str], edits: int, *, commands: tuple[str, str]) -> Step:
    edit, verify = commands
    return Step(
        title="Keep the names that Pulumi would make anew",
        commands=(
            f"pulumi stack export --stack {name} --file {file(EXPORTED_FILE)}",
            edit,
            f"pulumi stack import --stack {name} --file {file(EDITED_FILE)}",
            verify,
        ),
        expected=f"{counted(edits, 'name')} noted as Pulumi's own. Without this each of them would be replaced.",
        back=f"`pulumi stack import --stack {name} --file {file(EXPORTED_FILE)}`.",
    )


def _update_step(name: str, verify: str, forget: str) -> Step:
    return Step(
        title="The first update",
        commands=(f"pulumi up --stack {name}", verify, f"pulumi preview --stack {name} --expect-no-changes"),
        expected="The state then holds the dependencies, without which a destroy goes in any order, and the "
        "program's own protection. The second preview has nothing to do.",
        back="What the update made is deleted by hand; what it changed, `terraform apply` changes back. Then as "
        f"above: {forget}",
    )


def _removal_step(file: Callable[[str], str], removal: Removal) -> Step:
    commands: list[str] = []
    if removal.blocks:
        commands += [f"cp {file(REMOVED_FILE)} .", "terraform plan", "terraform apply"]
    if removal.commands:
        commands.append(f"xargs terraform state rm < {file(STATE_RM_FILE)}")
    words = (
        "Take the resources out of the Terraform code first: a `removed` block is refused while its resource is there. "
        "The plan must say `0 to destroy`. "
        if removal.blocks
        else ""
    )
    return Step(
        title="Take what is imported out of Terraform's state",
        commands=tuple(commands),
        expected=f"{words}What stays in Terraform's state is managed by nobody unless somebody applies it.",
        back="`terraform state push` of the copy.",
    )


def readme(stack: str, found: Sequence[Step]) -> str:
    """Return the text of the folder's README."""
    return "\n".join(_readme(stack, found)) + "\n"


def _readme(stack: str, found: Sequence[Step]) -> Iterator[str]:
    yield f"# Adoption of {stack}"
    yield ""
    yield "This folder holds passwords. Type the commands in the project's folder, in this order."
    for number, step in enumerate(found, start=1):
        yield ""
        yield f"## {number}. {step.title}"
        yield ""
        yield from (f"    {each}" for each in step.commands)
        yield ""
        yield step.expected
        yield ""
        yield f"Way back: {step.back}"
