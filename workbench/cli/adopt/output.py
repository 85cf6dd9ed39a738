"""The folder that an adoption is carried out from, put together and written."""

from collections.abc import Mapping
from pathlib import Path

from workbench.adopt.first_up.judge import kept_names
from workbench.adopt.folder.defaults import Edit, edits_as_json
from workbench.adopt.folder.files import (
    DEFAULTS_FILE,
    IMPORT_FILE,
    PLAN_FILE,
    README_FILE,
    REMOVED_FILE,
    STATE_RM_FILE,
)
from workbench.adopt.folder.import_file import import_file
from workbench.adopt.folder.removed import removal
from workbench.adopt.folder.runbook import readme, steps
from workbench.adopt.folder.verification import Expected, Plan
from workbench.adopt.folder.writing import Run, as_json, write_folder
from workbench.adopt.matches_file import file_name, matches_text
from workbench.cli.adopt.reading import Read
from workbench.cli.shared.console import talk
from workbench.counting import counted


def write_output(found: Read, folder: Path, *, replace: bool) -> None:
    """Write the folder, and say what to do with it.

    Raises:
        OperatorError: when it holds something else, or cannot be written.
    """
    pairs = found.matching.matched
    edits = [Edit(urn=kept.pair.resource.urn, property=kept.property, value=kept.value) for kept in kept_names(pairs)]
    removed = removal(
        _imported(found),
        list(dict.fromkeys(instance.address for instance in found.state.managed)),
        terraform_version=found.state.terraform_version,
    )
    todo = steps(found.file.stack, str(folder), imported=len(pairs), edits=len(edits), removal=removed)
    files = {
        IMPORT_FILE: as_json(import_file(found.plan, pairs, plain=found.plain)),
        DEFAULTS_FILE: as_json(edits_as_json(edits)),
        **({REMOVED_FILE: removed.file()} if removed.blocks else {}),
        **({STATE_RM_FILE: "\n".join(removed.state_rm()) + "\n"} if removed.commands else {}),
        PLAN_FILE: as_json(_expected(found).as_json()),
        README_FILE: readme(found.file.stack, todo),
        **_matches(found),
    }
    run = Run(stack=found.file.stack, lineage=found.state.lineage, serial=found.state.serial)
    if said := write_folder(folder, files, run, replace=replace):
        talk(said)
    talk(
        f"{folder}: {counted(len(pairs), 'resource')} to be imported; {folder / README_FILE} has the commands, in order"
    )


def _matches(found: Read) -> Mapping[str, str]:
    """Return the file in which a person confirms what is only suggested, with what is confirmed already."""
    if not found.matching.ambiguous and not found.confirmed:
        return {}
    return {file_name(found.file.stack): matches_text(found.matching, found.confirmed)}


def _imported(found: Read) -> list[str]:
    """Return the addresses that Terraform loses. A group's own counts, and not that of a rule that is written in it."""
    whole = {instance.address for instance in found.state.managed if not instance.part}
    instances = (pair.found.instance for pair in found.matching.matched)
    return [one.address for one in instances if not one.part or one.address not in whole]


def _expected(found: Read) -> Plan:
    return Plan(
        pairs=tuple(
            Expected(
                urn=pair.resource.urn,
                address=pair.found.instance.address,
                ids=tuple(
                    dict.fromkeys(f"{each}" for each in (pair.id, pair.found.instance.attributes.get("id")) if each)
                ),
                protect=pair.resource.protect,
                depends=bool(pair.resource.depends_on),
            )
            for pair in found.matching.matched
        ),
        created=frozenset(
            one.urn for one in (*found.matching.program_only, *(each.resource for each in found.matching.ambiguous))
        ),
    )
