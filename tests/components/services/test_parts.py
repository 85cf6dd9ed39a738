"""A service host's parts as data: the host is what the functions of the parts would have made of it."""

from dataclasses import replace

from tests.components.forms import assert_form_makes_what_the_verb_makes
from tests.components.test_service_host import ARGS
from zelly_components.edge import expiry
from zelly_components.hosts.backups import TIMERS, DatabaseBackupArgs, backup_files, backup_packages
from zelly_components.hosts.permissions import database_backup_statements
from zelly_components.hosts.rds_authorities import CA_BUNDLE_PATH, CA_BUNDLE_URL
from zelly_components.hosts.release_agent import release_agent
from zelly_components.service_host import HostBackupArgs, HostPartsArgs, ServiceHost

BUCKET_ARN = "arn:aws:s3:::shop-backups"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf"


def by_functions() -> None:
    agent = release_agent(
        platform=ARGS.platform, service_units=[f"{ARGS.platform}-{unit.name}.service" for unit in ARGS.units]
    )
    backup = DatabaseBackupArgs(
        platform=ARGS.platform,
        environment=ARGS.environment,
        region=ARGS.region,
        bucket_name="shop-backups",
        dump_name="shop",
        secret_name="shop/db",
        ca_bundle=CA_BUNDLE_PATH,
        metrics_database="shop",
    )
    ServiceHost(
        "shop-host",
        replace(
            ARGS,
            files=[*agent.files, *expiry.expiry_files("shop/origin/tls"), *backup_files(backup)],
            timers=[*agent.units, expiry.TIMER, *TIMERS],
            packages=[*ARGS.packages, *backup_packages(16)],
            downloads={CA_BUNDLE_PATH: CA_BUNDLE_URL, **(ARGS.downloads or {})},
            statements=database_backup_statements(BUCKET_ARN, SECRET_ARN),
        ),
    )


def by_data() -> None:
    parts = HostPartsArgs(
        release_agent=True,
        certificate_expiry_secret_name="shop/origin/tls",
        rds_authorities=True,
        database_backup=HostBackupArgs(
            bucket_name="shop-backups",
            bucket_arn=BUCKET_ARN,
            secret_name="shop/db",
            secret_arn=SECRET_ARN,
            dump_name="shop",
            metrics_database="shop",
            postgresql_version=16,
            ca_bundle=CA_BUNDLE_PATH,
        ),
    )
    ServiceHost("shop-host", replace(ARGS, parts=parts))


def test_a_host_with_parts_is_the_host_that_their_functions_make() -> None:
    assert_form_makes_what_the_verb_makes(by_functions, by_data, number=14)
