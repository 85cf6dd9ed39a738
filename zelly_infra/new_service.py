"""A new service of the catalog in the stack files, with the size of a similar one and names of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.config.stack_file import stack_names
from workbench.errors import OperatorError
from workbench.operations.stack_files.editing import EditedFile, append, plain
from workbench.operations.stack_files.file_changes import FileChange
from zelly_infra.catalog import SERVICES, Service
from zelly_infra.catalog_checks import check_catalog
from zelly_infra.program import PROGRAM


@dataclass(frozen=True, kw_only=True)
class NewServicePlan:
    """The changes of the stack files for a service."""

    name: str
    like: str
    changes: tuple[FileChange, ...]

    def lines(self) -> list[str]:
        """Return the plan in words."""
        return [
            f"{self.name}, sized as {self.like}:",
            *(f"  {line}" for change in self.changes for line in change.lines()),
        ]

    def document(self) -> Mapping[str, Any]:
        """Return the plan as a document for ``--json``."""
        return {"service": self.name, "like": self.like, "files": [change.name for change in self.changes]}


def plan_service(name: str, root: Path, *, like: str | None, images: Mapping[str, str]) -> NewServicePlan:
    """Plan the service in every stack file that lacks it.

    ``images`` are those of third parties, by container. Without ``like`` it is as the first service that is reached and
    built as it is.

    Raises:
        OperatorError: when every file has it, nothing is like it, or a value does not fit.
    """
    check_catalog()
    entry = _entry(name)
    model = _entry(like) if like is not None else _like(entry)
    changes: list[FileChange] = []
    for stack in stack_names(root):
        file = EditedFile(PROGRAM, root / f"Pulumi.{stack}.yaml")
        services = file.environment["services"]
        if name in services:
            continue
        if model.name not in services:
            raise OperatorError(f"{file.path.name}: services.{model.name}: missing; {name} was to be as it is")
        prefix = file.environment["registry"]["tag_prefix"]
        append(services, name, _size(entry, plain(services[model.name]), prefix=prefix, images=images))
        file.checked()
        changes.append(file.change())
    if not changes:
        raise OperatorError(f"service: {name}; every stack file has it, there is nothing to add")
    return NewServicePlan(name=name, like=model.name, changes=tuple(changes))


def _entry(name: str) -> Service:
    found = next((service for service in SERVICES if service.name == name), None)
    if found is None:
        raise OperatorError(f"service: {name}; allowed: {', '.join(service.name for service in SERVICES)}")
    return found


def _like(entry: Service) -> Service:
    for other in SERVICES:
        alike = (type(other.ingress), bool(other.repositories)) == (type(entry.ingress), bool(entry.repositories))
        if alike and other.name != entry.name:
            return other
    raise OperatorError(f"service: {entry.name}; none is reached and built as it is, the one to be like is required")


def _size(entry: Service, model: Mapping[str, Any], *, prefix: str, images: Mapping[str, str]) -> dict[str, Any]:
    hostname = model["hostname"]
    if entry.ingress is None:
        hostname = None
    elif hostname is not None:
        hostname = ".".join([entry.name, *hostname.split(".")[1:]])
    return {
        **model,
        "initial_image_tag": f"{prefix}-00000000" if entry.repositories else None,
        "images": dict(images),
        "hostname": hostname,
    }
