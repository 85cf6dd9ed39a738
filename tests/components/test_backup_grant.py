from tests.components.forms import assert_form_makes_what_the_verb_makes
from zelly_components.backup_grant import BackupGrant, BackupGrantArgs
from zelly_components.backup_vault import BackupVault, BackupVaultArgs
from zelly_components.role_grant import RoleGrant, RoleGrantArgs

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/database-AbCdEf"


def vault() -> BackupVault:
    return BackupVault(
        "shop",
        BackupVaultArgs(
            bucket_name="shop-backups-1",
            vault_name="shop",
            retention_days={"daily/": 30},
            lock_days=30,
            replaced_version_days=7,
            plan=None,
            force_destroy=True,
        ),
    )


def test_it_makes_a_policy_of_the_statements_for_a_host() -> None:
    assert_form_makes_what_the_verb_makes(
        lambda: RoleGrant(
            "shop-backup",
            RoleGrantArgs(
                role_name="shop-host",
                policy_name="backup",
                statements=vault().database_backup_statements(SECRET),
            ),
        ),
        lambda: BackupGrant(
            "shop-backup",
            BackupGrantArgs(
                role_name="shop-host", policy_name="backup", bucket_arn=vault().bucket_arn, secret_arn=SECRET
            ),
        ),
        number=9,
    )
