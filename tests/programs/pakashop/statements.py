"""The tests that hold the statements of the platform's document, P1 to P23."""

from collections.abc import Mapping

_PAKASHOP = "programs/pakashop"

HELD_BY: Mapping[str, tuple[str, ...]] = {
    "P1 branches": (
        f"{_PAKASHOP}/pipelines/test_workflows.py::test_workflows_have_their_documented_names_triggers_and_times",
    ),
    "P2 environments": (f"{_PAKASHOP}/test_facts.py::test_stacks_are_the_documented_environments",),
    "P3 features": (
        f"{_PAKASHOP}/pipelines/test_workflows.py::test_workflows_have_their_documented_names_triggers_and_times",
    ),
    "P4 hotfixes": (f"{_PAKASHOP}/pipelines/test_steps.py::test_a_hotfix_is_built_anew_and_its_pull_request_recorded",),
    "P5 Vercel": (
        f"{_PAKASHOP}/composition/test_edge.py::test_names_are_the_documented_ones_and_the_origin_is_reached_through_cloudflare_alone",
    ),
    "P6 one host for all services": (
        f"{_PAKASHOP}/composition/test_host.py::test_all_services_run_on_the_environments_one_host",
    ),
    "P7 PostgreSQL": (
        f"{_PAKASHOP}/composition/test_postgresql.py::test_each_environment_has_an_instance_of_its_own_of_the_documents_version",
    ),
    "P8 Meilisearch": (f"{_PAKASHOP}/composition/test_stores.py",),
    "P9 Redis": (f"{_PAKASHOP}/composition/test_stores.py",),
    "P10 Cloudflare": (
        f"{_PAKASHOP}/composition/test_edge.py::test_settings_are_pinned_once",
        f"{_PAKASHOP}/composition/test_edge.py::test_rules_are_for_both_environments",
    ),
    "P11 services": (f"{_PAKASHOP}/test_facts.py::test_services_have_their_ports_languages_and_units",),
    "P12 start order": (
        f"{_PAKASHOP}/test_facts.py::test_services_start_in_the_documented_order",
        "machines/services/test_services.py::test_services_start_in_the_order_of_readiness",
    ),
    "P13 ci.yml": (
        f"{_PAKASHOP}/pipelines/test_workflows.py::test_ci_tests_what_the_document_says_on_the_documented_versions",
    ),
    "P14 deploy-staging.yml": (
        f"{_PAKASHOP}/composition/test_host.py::test_releases_lie_in_the_documented_directory",
        f"{_PAKASHOP}/pipelines/test_workflows.py::test_what_is_pushed_is_tested_too_and_what_is_released_was_tested",
    ),
    "P15 deploy-production.yml": (
        f"{_PAKASHOP}/pipelines/test_workflows.py::test_the_dump_before_a_release_is_made_in_the_vpc_and_awaited",
    ),
    "P16 health-check.yml": (f"{_PAKASHOP}/pipelines/test_workflows.py::test_every_documented_url_is_asked_by_itself",),
    "P17 db-backup.yml": (
        f"{_PAKASHOP}/composition/test_backups.py::test_dump_is_made_at_the_documented_time",
        f"{_PAKASHOP}/composition/test_backups.py::test_dumps_of_live_have_the_documented_names_places_and_days",
    ),
    "P18 languages": (
        f"{_PAKASHOP}/pipelines/test_building.py::test_every_service_is_built_by_its_language_and_packed_with_its_start",
    ),
    "P19 standard release": (
        f"{_PAKASHOP}/pipelines/test_steps.py::test_live_takes_the_release_that_was_healthy_in_staging_with_the_same_files",
        f"{_PAKASHOP}/operated/test_day.py::test_a_day_of_releases",
    ),
    "P20 hotfix is merged back": (
        f"{_PAKASHOP}/pipelines/test_steps.py::test_a_hotfix_is_brought_back_by_one_pull_request_however_often_it_is_asked",
    ),
    "P21 code rollback": ("machines/releases/test_releases.py::test_rollback_of_all_and_of_one",),
    "P22 database rollback": (f"{_PAKASHOP}/operated/test_day.py::test_a_database_is_restored_beside_and_takes_over",),
    "P23 service rollback": ("machines/releases/test_releases.py::test_rollback_of_all_and_of_one",),
}
"""By the document's statement: a test, or a file of them."""
