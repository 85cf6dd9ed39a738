"""The rules of a declarative pipeline, as far as these use it ("Pipeline Syntax", Jenkins' User Handbook)."""

from collections.abc import Iterator, Mapping

from tests.programs.relay.pipeline.recorded import Call, Reference

PIPELINE = frozenset({"agent", "options", "parameters", "stages", "post"})
STAGE = frozenset({"agent", "options", "when", "steps", "stages", "post"})
CONDITIONS = frozenset(
    {
        "always",
        "changed",
        "fixed",
        "regression",
        "aborted",
        "failure",
        "success",
        "unstable",
        "unsuccessful",
        "cleanup",
    }
)
OPTIONS: Mapping[str, str | None] = {
    "buildDiscarder": None,
    "disableConcurrentBuilds": "workflow-job",
    "lock": "lockable-resources",
    "skipDefaultCheckout": "pipeline-model-definition",
    "timeout": "workflow-basic-steps",
    "timestamps": "timestamper",
}
"""By option, the plugin that brings it; None: Jenkins itself."""
STEPS: Mapping[str, str | None] = {
    "archiveArtifacts": None,
    "build": "pipeline-build-step",
    "checkout": "workflow-scm-step",
    "cloneOption": "git",
    "input": "pipeline-input-step",
    "junit": "junit",
    "milestone": "pipeline-milestone-step",
    "node": "workflow-durable-task-step",
    "scmGit": "git",
    "script": "pipeline-model-definition",
    "sh": "workflow-durable-task-step",
    "stash": "workflow-basic-steps",
    "string": None,
    "timeout": "workflow-basic-steps",
    "unstash": "workflow-basic-steps",
}


def faults(block: Call) -> Iterator[str]:
    """Yield what Jenkins would refuse in a pipeline before it runs anything."""
    yield from _sections(block, PIPELINE, "pipeline")
    for required in ("agent", "stages"):
        if block.find(required) is None:
            yield f"pipeline: {required} is missing"
    for stage in block.the("stages").children or ():
        yield from _stage(stage)


def _stage(stage: Call) -> Iterator[str]:
    if stage.name != "stage":
        yield f"stages: {stage.name}"
        return
    name = f"stage {stage.value}"
    yield from _sections(stage, STAGE, name)
    kinds = [kind for kind in ("steps", "stages") if stage.find(kind) is not None]
    if len(kinds) != 1:
        yield f"{name}: has {' and '.join(kinds) or 'neither steps nor stages'}"
    nested = stage.find("stages")
    for inner in () if nested is None else nested.children or ():
        yield from _stage(inner)
    steps = stage.find("steps")
    for step in () if steps is None else steps.walk():
        if step.name not in {"steps", "=", *STEPS}:
            yield f"{name}: step {step.name}"


def _sections(block: Call, known: frozenset[str], where: str) -> Iterator[str]:
    names = [child.name for child in block.children or ()]
    yield from (f"{where}: {name}" for name in names if name not in known or names.count(name) > 1)
    agent = block.find("agent")
    if agent is not None and agent.children is None and agent.value != Reference("none"):
        yield f"{where}: agent {agent.value}"
    options = block.find("options")
    yield from (
        f"{where}: option {one.name}" for one in (options.children or () if options else ()) if one.name not in OPTIONS
    )
    post = block.find("post")
    yield from (
        f"{where}: post {one.name}" for one in (post.children or () if post else ()) if one.name not in CONDITIONS
    )


def labels_of(block: Call) -> Iterator[str]:
    """Yield every label of agents that a pipeline asks for."""
    for one in block.walk():
        label = one.value if one.name == "node" else label_of(one)
        if label is not None:
            yield label


def label_of(stage: Call) -> str | None:
    """Return the label of the agents that a block runs on; None: on none of its own."""
    agent = stage.find("agent")
    return None if agent is None or agent.children is None else agent.the("label").value
