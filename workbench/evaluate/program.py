"""Evaluation of a program: registrations resolved and recorded, exports read, failures collected."""

import contextvars
import os
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi

from workbench.evaluate.backend import Backend
from workbench.evaluate.monitor import RecordingMonitor
from workbench.evaluate.overhead import without_overhead
from workbench.evaluate.recorded import RecordedResource, ResourceFailure
from workbench.evaluate.secret_values import MASK
from workbench.evaluate.stack_references import stack_outputs_as_placeholders
from workbench.evaluate.symbolic import SymbolicBackend


class EvaluationError(Exception):
    """Some resources could not be made. ``failures`` lists every one of them, the skipped ones last."""

    def __init__(self, failures: list[ResourceFailure]) -> None:
        self.failures = sorted(failures, key=lambda failure: failure.skipped)
        super().__init__("; ".join(f"{failure.type} {failure.name}: {failure.error}" for failure in self.failures))


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The resources and exports of a program."""

    project: str
    stack: str
    config: Mapping[str, str] = field(repr=False)
    """The configuration, by full key."""
    resources: tuple[RecordedResource, ...]
    """In order of URN: the order of registration differs from run to run."""
    outputs: dict[str, Any]
    """The stack's exports, secret ones as ``"[secret]"``."""
    plain_outputs: dict[str, Any] = field(repr=False)
    """The exports with their secrets in plain text."""
    component_outputs: dict[str, dict[str, Any]]
    """The outputs that each component registered, by URN."""
    look_ups: Mapping[str, int]
    """The functions whose results stand as placeholders, by token, with how often each was called."""

    def of_type(self, type_token: str) -> list[RecordedResource]:
        """Return the resources of one type, e.g. ``aws:ec2/vpc:Vpc``."""
        return [resource for resource in self.resources if resource.type == type_token]

    def one(self, type_token: str, name: str | None = None) -> RecordedResource:
        """Return the only resource of a type, or the one of that logical name.

        Raises:
            LookupError: when there is none or more than one; the message names those there are.
        """
        candidates = self.of_type(type_token)
        found = [resource for resource in candidates if name in (None, resource.name)]
        if len(found) != 1:
            names = ", ".join(resource.name for resource in candidates) or "none"
            asked = type_token if name is None else f"{type_token} {name}"
            raise LookupError(f"{asked}: {len(found)} found; of this type there are: {names}")
        return found[0]

    def custom(self) -> Iterator[RecordedResource]:
        """Iterate over the resources that a provider makes: components and the stack itself left out."""
        return (resource for resource in self.resources if resource.custom)


def evaluate(
    program: Callable[[], None],
    *,
    project: str = "test",
    stack: str = "test",
    config: Mapping[str, str] | None = None,
    secret_keys: list[str] | None = None,
    backend: Backend | None = None,
    progress: Callable[[RecordedResource], None] | None = None,
) -> Evaluation:
    """Run ``program`` and return all that it registered and exported.

    ``config`` holds the stack's configuration by full key (``shop:env``). The backend defaults to the symbolic one.
    Two evaluations in one process share nothing: each runs in a context of its own.

    Raises:
        EvaluationError: with every resource that the backend refused.
    """
    # An f-string over an Output otherwise yields an error text as the value, silently.
    os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "true"
    monitor = RecordingMonitor(backend or SymbolicBackend(), fallback=SymbolicBackend(), progress=progress)

    def run() -> Evaluation:
        pulumi.runtime.set_all_config(dict(config or {}), secret_keys or [])
        # With a monitor given it asks the mocks nothing.
        unasked, given = cast("pulumi.runtime.Mocks", None), cast(Any, monitor)
        pulumi.runtime.set_mocks(unasked, project=project, stack=stack, preview=False, monitor=given)
        return _evaluate(program, project, stack, dict(config or {}), monitor)

    return contextvars.Context().run(run)


def evaluate_stack(
    main: Path,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str],
    secret_keys: list[str],
    backend: Backend | None = None,
    progress: Callable[[RecordedResource], None] | None = None,
) -> Evaluation:
    """Run a Pulumi program's ``__main__.py``, unmodified, as :func:`evaluate` does."""

    def program() -> None:
        runpy.run_path(str(main), run_name="__main__")

    return evaluate(
        program,
        project=project,
        stack=stack,
        config=config,
        secret_keys=secret_keys,
        backend=backend,
        progress=progress,
    )


def _evaluate(
    program: Callable[[], None], project: str, stack: str, config: Mapping[str, str], monitor: RecordingMonitor
) -> Evaluation:
    exports: dict[str, tuple[Any, bool]] = {}

    def run() -> pulumi.Output[None]:
        program()
        root: Any = pulumi.runtime.get_root_resource()
        return pulumi.Output.all(*(_read_export(exports, name, value) for name, value in root.outputs.items())).apply(
            lambda _: None
        )

    try:
        with without_overhead(), stack_outputs_as_placeholders():
            pulumi.runtime.test(run)()  # pyright: ignore[reportUnknownMemberType] (the SDK leaves it untyped)
    except Exception:
        # Behind a refused resource the program may trip over a placeholder; the refusal is what the operator needs.
        if not monitor.failures:
            raise
    if monitor.failures:
        raise EvaluationError(monitor.failures)
    return Evaluation(
        project=project,
        stack=stack,
        config=config,
        resources=tuple(sorted(monitor.recorded.values(), key=lambda resource: resource.urn)),
        outputs={name: MASK if secret else monitor.written(value) for name, (value, secret) in sorted(exports.items())},
        plain_outputs={name: monitor.written(value) for name, (value, _) in sorted(exports.items())},
        component_outputs=monitor.component_outputs,
        look_ups=dict(sorted(monitor.look_ups.items())),
    )


def _read_export(exports: dict[str, tuple[Any, bool]], name: str, value: Any) -> pulumi.Output[None]:
    output: pulumi.Output[Any] = pulumi.Output.from_input(value)

    async def read() -> None:
        exports[name] = (await output.future(), await output.is_secret())

    return pulumi.Output.from_input(read())
