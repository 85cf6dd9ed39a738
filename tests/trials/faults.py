"""Deliberate faults, across the house: each would hurt somebody, and a test has to notice it."""

from dataclasses import dataclass

from tests.trials.copies import Edit


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault, as somebody might make it in good faith, and what has to notice it."""

    name: str
    """What goes wrong with it."""
    edit: Edit
    why: str
    """What it would cost."""
    noticed_by: tuple[str, ...]
    """Tests, or modules of them, as pytest names them: each has to turn red."""


def _fault(name: str, path: str, before: str, after: str, *, why: str, noticed_by: tuple[str, ...]) -> Fault:
    return Fault(name=name, edit=Edit(path=path, before=before, after=after), why=why, noticed_by=noticed_by)


_COMPONENTS = "components/zelly_components"
_OPERATIONS = "workbench/operations"

FAULTS: tuple[Fault, ...] = (
    _fault(
        "a group that is let in is the whole internet",
        f"{_COMPONENTS}/network/rules.py",
        "        referenced_security_group_id=group_id,\n        cidr_ipv4=cidr_block,\n",
        '        cidr_ipv4="0.0.0.0/0",\n',
        why="Databases and services would be reached by everybody.",
        noticed_by=(
            "tests/zelly_infra/composition/test_security_groups.py::test_stack_lets_in_exactly_these",
            "tests/components/test_security_group.py",
        ),
    ),
    _fault(
        "VPN clients' configs are no secret output",
        f"{_COMPONENTS}/bastion_wireguard.py",
        "return pulumi.Output.secret(configs)",
        "return pulumi.Output.unsecret(configs)",
        why="Private keys would stand in the state and in every log of `pulumi up` in plain text.",
        noticed_by=("tests/zelly_infra/composition/test_stack.py::test_outputs_are_the_contract",),
    ),
    _fault(
        "a deploy is good as soon as ECS calls it complete",
        f"{_OPERATIONS}/deploys/verdict.py",
        "        return _settled(began, primary, seen)\n",
        "        return Verdict(outcome=Outcome.SUCCEEDED, primary=primary)\n",
        why="Tasks without a health check die a second later, and the pipeline is green.",
        noticed_by=("tests/workbench/operations/deploys/test_verdict.py",),
    ),
    _fault(
        "a rollback of ECS's own is taken for our deploy",
        f"{_OPERATIONS}/deploys/verdict.py",
        "    if ours is None or ours.id != primary.id:\n",
        "    if ours is None:\n        ours = primary\n    if ours.id != primary.id and not primary.rollout_state:\n",
        why="What was rolled back is told as a success; the bug is thought to be live.",
        noticed_by=("tests/workbench/operations/deploys/test_verdict.py",),
    ),
    _fault(
        "a rollback goes back to the very first deploy",
        f"{_OPERATIONS}/deploys/rollback.py",
        "target = steps[-2].images",
        "target = steps[0].images",
        why="An image of months ago meets today's schema.",
        noticed_by=("tests/workbench/operations/deploys/test_rollback.py",),
    ),
    _fault(
        "what no target answers for is promoted",
        f"{_OPERATIONS}/deploys/promote.py",
        "    return [*lines, *unhealthy_targets(situation, balancers)]\n",
        "    return lines\n",
        why="An image that fails its checks in staging comes to production.",
        noticed_by=(
            "tests/workbench/operations/deploys/test_promote.py"
            "::test_targets_that_are_not_healthy_are_named_but_not_those_that_leave",
        ),
    ),
    _fault(
        "every `pulumi up` takes the deployed revision back",
        f"{_COMPONENTS}/ecs/service_inputs.py",
        'deployed = [] if args.image_parameter_name is None else ["task_definition"]',
        "deployed: list[str] = []",
        why="A change of an alarm would roll every service back to the image of the first day.",
        noticed_by=("tests/zelly_infra/composition/test_stack.py::test_deploys_are_never_undone",),
    ),
    _fault(
        "a certificate's restoration makes a new file system",
        "workbench/aws/backup.py",
        '"newFileSystem": "false"',
        '"newFileSystem": "true"',
        why="Caddy's certificates come back where nobody mounts them, in the middle of an outage.",
        noticed_by=(
            "tests/workbench/aws/test_restoring_requests.py"
            "::test_recovery_point_is_restored_into_the_file_system_that_is_there",
        ),
    ),
    _fault(
        "a copy of Aurora takes the live cluster's name",
        f"{_OPERATIONS}/stores/aurora/restore.py",
        "target = target or _target(store, moment)",
        "target = target or live.identifier",
        why="A restoration meant to stand beside what is live would go on with the live cluster itself.",
        noticed_by=("tests/workbench/operations/stores/test_aurora.py",),
    ),
    _fault(
        "a lock is released under a running command",
        f"{_OPERATIONS}/state/locks.py",
        "        if self.runs(lock.pid):\n",
        "        if self.runs(lock.pid) and self.is_throwaway:\n",
        why="Two `pulumi up` at once lose resources from the state.",
        noticed_by=(
            "tests/workbench/end_to_end/test_state_locks.py::test_own_dead_lock_is_released_and_the_others_stay",
        ),
    ),
    _fault(
        "alarms ring nowhere",
        f"{_COMPONENTS}/observability.py",
        "return _Actions(alarm=[own],",
        "return _Actions(alarm=[],",
        why="The dashboard turns red, and nobody gets a mail.",
        noticed_by=(
            "tests/zelly_infra/composition/test_monitoring.py::test_every_alarm_writes_to_the_listed_addresses",
        ),
    ),
    _fault(
        "Aurora may be deleted",
        f"{_COMPONENTS}/aurora_cluster.py",
        "pulumi.ResourceOptions(protect=args.deletion_protection, depends_on=log_groups)",
        "pulumi.ResourceOptions(depends_on=log_groups)",
        why="A renamed resource, and production's data is gone with the next `pulumi up`.",
        noticed_by=("tests/zelly_infra/composition/test_stack.py::test_production_protects_what_holds_data",),
    ),
    _fault(
        "Fargate's memory costs a thousandth",
        "workbench/review/cost/compute.py",
        "/ _MIB_PER_GB",
        "/ _MIB_PER_GB / 1000",
        why="A service of 16 GB looks as cheap as one of 16 MB.",
        noticed_by=("tests/zelly_infra/pages/test_figures.py",),
    ),
    _fault(
        "a plan calls a replacement an update",
        "workbench/providers/replacement.py",
        "        if written in paths:\n            return True\n",
        "        if written in paths and written == change.pattern:\n            return True\n",
        why="A database would be replaced by a change that the review called harmless.",
        noticed_by=("tests/workbench/providers/test_replacement.py::test_what_replaces",),
    ),
    _fault(
        "what is gone in AWS is no drift",
        f"{_OPERATIONS}/drift/reading.py",
        "            absent.append(resource.urn)\n",
        "            same += 1\n",
        why="Somebody deleted an alarm by hand, and the nightly check says that all is as planned.",
        noticed_by=("tests/workbench/operations/drift/test_reading.py",),
    ),
    _fault(
        "a message repeats what was typed for a key",
        f"{_OPERATIONS}/secrets/changes.py",
        'lines.append(f"secret {secret}: a key is no name of',
        'lines.append(f"secret {secret}: {key}: a key is no name of',
        why="Whoever swaps key and value finds the password in the pipeline's log.",
        noticed_by=(
            "tests/workbench/operations/secrets/test_changes.py"
            "::test_names_that_are_not_the_operators_are_refused_and_not_repeated",
        ),
    ),
    _fault(
        "keys that a push does not name are lost",
        f"{_OPERATIONS}/secrets/changes.py",
        "after = {**before.values, **values}",
        "after = {**values}",
        why="Setting one key empties the others; the next task start fails.",
        noticed_by=("tests/workbench/operations/secrets/test_changes.py",),
    ),
    _fault(
        "a plan that destroys ends like one that changes",
        "workbench/review/danger/assessment.py",
        "            return ExitCode.DESTRUCTIVE\n",
        "            return ExitCode.CHANGES\n",
        why="A pipeline that stops at exit code 4 lets a destroyed database pass.",
        noticed_by=(
            "tests/workbench/review/danger/test_assessment.py"
            "::test_a_removed_alarm_is_a_change_and_a_removed_store_is_destructive",
        ),
    ),
    _fault(
        "a restart whose answer was lost is asked for again",
        "workbench/aws/ecs/services.py",
        'once: ECSClient = self._connection.client("ecs", repeatable=False)',
        'once: ECSClient = self._connection.client("ecs")',
        why="Each retry begins another deployment, which takes the place of the one that is watched.",
        noticed_by=("tests/workbench/aws/test_rollout_wrappers.py::test_a_service_is_restarted_in_one_attempt",),
    ),
    _fault(
        "GitHub's role trusts every branch",
        "zelly_infra/github_subjects.py",
        'f"{subject}:ref:refs/heads/{branch}"',
        'f"{subject}:ref:refs/heads/*"',
        why="Whoever may push a branch anywhere in the organisation deploys to production.",
        noticed_by=(
            "tests/zelly_infra/composition/test_permissions.py"
            "::test_github_assumes_its_role_from_these_branches_of_these_repositories_only",
        ),
    ),
    _fault(
        "a command that nobody answers goes on",
        "workbench/cli/shared/acting.py",
        '            raise OperatorError(f"{question} Without a terminal nobody can say so; --yes is required")\n',
        "            return True\n",
        why="In a script, what may lose something is done without having been asked for.",
        noticed_by=("tests/workbench/end_to_end/test_state_locks.py",),
    ),
    _fault(
        "the storefront's balancer hides who is asking",
        f"{_COMPONENTS}/network_load_balancer.py",
        'preserve_client_ip="true"',
        'preserve_client_ip="false"',
        why="Certificates' challenges and limits by address see the balancer alone.",
        noticed_by=(
            "tests/zelly_infra/composition/test_edge.py::test_target_groups_have_their_ports_and_a_plain_health_check",
        ),
    ),
)
"""Kept when tests are moved or merged: what a test noticed before, one has to notice after."""
