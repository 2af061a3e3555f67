"""Who may reach, change or end what is kept, and under which keys."""

from __future__ import annotations

from tools.promises.statement import Chapter, kept

VAULTS = Chapter(
    "Vaults, keys and access",
    (
        kept(
            "Every region has `{prefix}-backup-vault` and `{prefix}-copy-vault` from the start: a swap of regions replaces none",
            by="backup_stack/vaults.py strategy/catalogue/names.py",
            proven="tests/stacks/test_invariants.py::test_a_swap_replaces_no_vault_no_key_and_no_bucket",
        ),
        kept(
            "A region's own backups are encrypted under an {vault.key} key, or the other kind by setting; copies always under a "
            "customer-managed one",
            by="backup_stack/vaults.py backup_stack/keys.py",
            proven="tests/stacks/test_backup_protection.py::test_keys_are_aws_backups_own_by_default_and_ours_by_setting",
        ),
        kept(
            "Recovery points are deleted by nobody but `{vault.break_glass}`, and a vault's policy is changed by that role or a "
            "deployment; backing up, copying and restoring are never denied",
            by="backup_stack/vault_policy.py",
            proven="tests/stacks/test_backup_protection.py::test_only_break_glass_deletes_what_a_vault_holds "
            "test_only_break_glass_and_cloudformation_change_the_policy test_nobody_is_denied_a_backup_a_copy_or_a_restore",
        ),
        kept(
            "The vaults are locked ({vault.lock.mode}): nothing is kept less than {vault.lock.min_keep} or more than "
            "{vault.lock.max_keep}",
            by="backup_stack/vaults.py environments/prod.toml",
            proven="tests/stacks/test_backup_protection.py::test_the_lock_is_the_strategys "
            "packages/aws_rehearsal/tests/test_backup_vaults.py::test_a_lock_fails_jobs_outside_its_retention_and_forbids_deletion",
        ),
        kept(
            "Nobody but the same role ends a key, and people are told when somebody tries",
            by="backup_stack/keys.py backup_stack/tampering.py",
            proven="tests/stacks/test_backup_protection.py::test_only_break_glass_ends_a_key test_people_are_told_of_the_attempt",
        ),
        kept(
            "DynamoDB's advanced backup features are on in both regions, and stay on when the stack goes",
            by="backup_stack/region_settings.py recovery/handlers/region_settings.py",
            proven="tests/stacks/test_backup_region_settings.py::test_dynamodb_is_managed_with_advanced_features "
            "tests/recovery/test_region_settings.py::test_what_is_missing_is_set test_deletion_takes_nothing_back",
        ),
        kept(
            "A lock that a rule would break is refused; one that can never be lifted takes production and a second switch",
            by="strategy/checks/guards/retention.py",
            proven="tests/unit/test_guards.py::test_refuses",
        ),
        kept(
            "One role backs up and copies, another restores; only AWS Backup, for this account, may take them, and they outlive "
            "their stack",
            by="backup_stack/roles.py",
            proven="tests/stacks/test_invariants.py::test_the_roles_of_aws_backup_outlive_their_stack "
            "test_iam_names_carry_the_region test_only_aws_backup_is_handed_a_role",
        ),
        kept(
            "No role may do everything",
            by="components/permissions.py components/function.py",
            proven="tests/stacks/test_invariants.py::test_no_role_may_do_everything",
        ),
        kept(
            "The database's password is generated, replicated to the recovery region, and in no template",
            by="backup_stack/mysql.py",
            proven="tests/stacks/test_backup.py::test_the_password_is_never_in_the_template",
        ),
        kept(
            "Whoever verifies reads over TLS with a token of minutes, and has no password",
            by="recovery/mysql.py components/permissions.py",
            proven="tests/recovery/test_handlers.py::test_no_certificate_bundle_no_token "
            "test_a_server_of_another_authority_gets_no_token test_a_server_of_another_name_gets_no_token "
            "tests/rehearsal/test_bank.py::test_on_rds_the_verifier_has_no_password",
        ),
        kept(
            "Names fit AWS's limits, and IAM's, which are global, carry the region",
            by="strategy/checks/guards/names.py strategy/catalogue/names.py",
            proven="tests/unit/test_guards.py::test_refuses test_iam_names_are_global_and_carry_the_region",
        ),
        kept(
            "Templates are held against AwsSolutions and NIST rules, each exception with its reason beside the resource",
            by="components/acknowledge.py",
            proven="tests/stacks/test_nag.py::test_nothing_is_found_that_is_not_acknowledged test_the_checks_find_something "
            "test_every_acknowledgement_is_a_sentence test_every_acknowledgement_is_of_a_finding",
        ),
    ),
)

CHAPTERS = (VAULTS,)
