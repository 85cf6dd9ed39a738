"""The tests that hold the statements of the platform's document, R1 to R20."""

from collections.abc import Mapping

_RELAY = "programs/relay"
_PIPELINES = f"{_RELAY}/pipeline/test_pipelines.py"
_BUILDS = f"{_RELAY}/pipeline/test_builds.py"
_COMPOSE = f"{_RELAY}/pipeline/test_compose.py"
_ACCESS = f"{_RELAY}/composition/test_access.py"
_FACTS = f"{_RELAY}/test_facts.py"

HELD_BY: Mapping[str, tuple[str, ...]] = {
    "R1 Jenkins on pushes": (
        f"{_PIPELINES}::test_jenkins_would_refuse_nothing",
        f"{_PIPELINES}::test_every_script_is_there_and_can_be_run",
    ),
    "R2 ephemeral agents": (
        f"{_RELAY}/pipeline/test_controller.py::test_every_label_has_a_pool_of_its_own_that_scales_to_zero_with_one_build_an_agent",
        f"{_RELAY}/pipeline/test_controller.py::test_the_controller_runs_no_build",
    ),
    "R3 steps": (
        f"{_PIPELINES}::test_the_documents_steps_come_in_its_order_with_the_image_before_it_is_tested",
        f"{_BUILDS}::test_a_push_to_main_is_tested_built_once_pushed_deployed_and_asked_for",
    ),
    "R4 credentials": (
        f"{_RELAY}/pipeline/test_controller.py::test_what_it_logs_in_with_is_what_it_has_and_none_of_it_stands_here",
    ),
    "R5 secrets at run time": (
        f"{_FACTS}::test_secrets_lie_in_secrets_manager",
        f"{_RELAY}/pipeline/test_scripts.py::test_docker_hub_is_logged_in_to_where_operators_gave_credentials",
    ),
    "R6 integration environment": (
        f"{_COMPOSE}::test_it_holds_the_documents_stores_the_services_and_the_tests",
        f"{_BUILDS}::test_integration_tests_that_fail_fail_the_build_and_leave_nothing",
        f"{_BUILDS}::test_an_abort_during_the_integration_tests_leaves_nothing",
    ),
    "R7 tags": (
        f"{_RELAY}/pipeline/test_scripts.py::test_tags_of_an_image_are_the_documents_and_two_branches_never_share_one",
    ),
    "R8 ECS behind a balancer": (
        f"{_FACTS}::test_services_run_on_fargate_behind_a_balancer",
        f"{_RELAY}/composition/test_deployments.py::test_each_service_is_deployed_as_the_stack_file_says",
    ),
    "R9 pre-production is production's twin": (
        f"{_RELAY}/test_parity.py::test_the_stacks_differ_in_what_is_listed_alone",
    ),
    "R10 retention and rollback": (f"{_RELAY}/operated/test_day.py::test_a_day",),
    "R11 metrics and alarms": (f"{_FACTS}::test_alarms_watch_the_documented_metrics",),
    "R12 Sentry": (
        "workbench/notifications/test_delivery.py::test_release_is_deployed_once_for_each_environment_and_build",
    ),
    "R13 logs in one place": (f"{_FACTS}::test_logs_are_in_one_place",),
    "R14 alerts to Slack and PagerDuty": (
        "programs/test_alarms.py::test_every_topic_is_heard_and_the_pager_alone_hears_of_pages",
    ),
    "R15 least privilege": (
        f"{_ACCESS}::test_every_call_of_a_step_is_allowed_to_who_takes_it",
        f"{_ACCESS}::test_no_job_administers_anything",
    ),
    "R16 ECR push by CI alone": (
        f"{_ACCESS}::test_who_deploys_reads_no_secret_and_brings_no_content_into_a_repository",
    ),
    "R17 production's role deploys alone": (
        f"{_ACCESS}::test_who_deploys_reads_no_secret_and_brings_no_content_into_a_repository",
        f"{_ACCESS}::test_exactly_the_services_roles_are_passed_and_to_their_tasks_alone",
    ),
    "R18 Slack": (
        f"{_RELAY}/operated/test_day.py::test_others_are_told",
        f"{_PIPELINES}::test_every_end_is_told_even_one_before_the_first_step",
    ),
    "R19 Monday": ("workbench/notifications/test_delivery.py::test_board_has_one_item_for_a_release",),
    "R20 a small integration environment": (
        f"{_COMPOSE}::test_it_holds_the_documents_stores_the_services_and_the_tests",
    ),
}
"""By the document's statement: a test, or a file of them. Feature flags (R20) are the application's: each service gets
``FEATURE_FLAGS`` out of its secret."""
