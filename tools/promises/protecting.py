"""What is backed up, when, for how long, and what is left out."""

from __future__ import annotations

from tools.promises.statement import Chapter, kept

SCHEDULE = Chapter(
    "Schedule and retention",
    (
        *(
            kept(
                f"`{{rules[{rule}].name}}` backs up every store {{rules[{rule}]|when}} and keeps it for {{rules[{rule}].keep}}",
                by="environments/prod.toml backup_stack/plan.py",
                proven="tests/unit/test_environments.py::test_the_three_rules_stand_word_for_word "
                "tests/stacks/test_backup.py::test_the_rules_are_the_strategys",
            )
            for rule in ("12-hour-backup-rule", "daily-backup-rule", "weekly-backup-rule")
        ),
        kept(
            "`{rules[between-backup-rule].name}` runs between them, {rules[between-backup-rule]|when}, kept for "
            "{rules[between-backup-rule].keep}: without it wait, start window and backup exceed the RPO of "
            "{stores[*].objectives.recovery_point.rpo}",
            by="environments/prod.toml strategy/checks/objectives.py",
            proven="tests/unit/test_objectives.py::test_prod_keeps_every_objective_and_accepts_nothing "
            "test_the_strategy_s_own_schedule_misses_its_own_rpo_by_the_start_window_backup_and_copy",
        ),
        kept(
            "A backup starts within {rules[*].start_window} of its time",
            by="backup_stack/plan.py",
            proven="tests/stacks/test_backup.py::test_the_rules_are_the_strategys",
        ),
        kept(
            "Where start windows overlap one job runs, for the rule that keeps longest; what really runs can be printed",
            by="strategy/checks/schedule.py recovery/cli/strategy_page.py",
            proven="tests/unit/test_schedule.py::test_the_three_rules_as_the_strategy_wrote_them "
            "test_no_two_rules_run_at_once_and_nobody_gives_way_for_nothing "
            "packages/aws_rehearsal/tests/test_backup_plans.py::"
            "test_a_day_of_the_plan_runs_the_longest_kept_rule_at_each_moment_and_its_copies "
            "tests/recovery/test_cli_strategy.py::test_a_kept_strategy_ends_with_0_and_shows_every_part",
        ),
        kept(
            "Schedules are read as AWS reads them",
            by="strategy/checks/cron.py",
            proven="tests/unit/test_cron.py::test_runs test_runs_of_two_days_agree_minute_by_minute "
            "test_days_of_two_years_agree_day_by_day",
        ),
        kept(
            "A rule that never runs, a run that its predecessor can still block, and a run inside RDS's own windows are refused",
            by="strategy/checks/guards/schedules.py",
            proven="tests/unit/test_guards.py::test_refuses test_every_guard_is_shown_refusing",
        ),
        kept(
            "A backup is kept until its successor is there, and never in cold storage: retention is too short for it",
            by="strategy/checks/guards/retention.py environments/prod.toml",
            proven="tests/unit/test_guards.py::test_refuses "
            "tests/unit/test_environments.py::test_the_three_rules_stand_word_for_word",
        ),
        kept(
            "A broken promise stops `cdk synth`, with its arithmetic; an accepted one is a warning there",
            by="app.py strategy/checks/guards/promises.py",
            proven="tests/stacks/test_app.py::test_a_broken_promise_stops_the_synth_with_its_arithmetic "
            "test_an_accepted_breach_is_said_and_does_not_stop",
        ),
    ),
)

STORES = Chapter(
    "What is backed up",
    (
        kept(
            "The RDS MySQL instance with {stores[mysql].databases}, and the DynamoDB table of audit logs, are selected by ARN",
            by="backup_stack/plan.py components/stores.py",
            proven="tests/stacks/test_backup.py::test_the_selection_names_every_store "
            "packages/aws_rehearsal/tests/test_backup_plans.py::test_a_selection_covers_what_it_says",
        ),
        kept(
            "A database that is promised and not there is noticed at the next backup",
            by="recovery/manifest/writing.py",
            proven="tests/recovery/test_handlers.py::test_a_promised_database_that_is_missing_leaves_no_manifest",
        ),
        kept(
            "MySQL can be brought back to any moment of the last {stores[mysql].point_in_time}, from automated backups that "
            "outlive the instance",
            by="backup_stack/mysql.py",
            proven="tests/stacks/test_backup.py::test_mysql_keeps_its_settings",
        ),
        kept(
            "MySQL runs Multi-AZ, encrypted, out of the public's reach, and protected against deletion",
            by="backup_stack/mysql.py",
            proven="tests/stacks/test_backup.py::test_mysql_keeps_its_settings",
        ),
        kept(
            "RDS's backup window ({stores[mysql].backup_window} UTC) and its maintenance window "
            "({stores[mysql].maintenance_window} UTC) are clear of every rule",
            by="strategy/checks/guards/schedules.py",
            proven="tests/unit/test_guards.py::test_refuses test_every_environment_passes_and_swapped_too",
        ),
        kept(
            "The audit table can be brought back to any second of the last {stores[audit-logs].point_in_time}",
            by="backup_stack/audit_table.py",
            proven="tests/stacks/test_backup.py::test_the_audit_table_keeps_its_settings",
        ),
        kept(
            "The audit table keeps its keys, its indexes, its TTL and its deletion protection",
            by="backup_stack/audit_table.py",
            proven="tests/stacks/test_backup.py::test_the_audit_table_keeps_its_settings",
        ),
        kept(
            "Audit logs live {stores[audit-logs].must_live|years}: a TTL or an archive that would end them earlier is refused",
            by="strategy/checks/guards/retention.py environments/prod.toml",
            proven="tests/unit/test_environments.py::test_audit_logs_live_seven_years tests/unit/test_guards.py::test_refuses",
        ),
        kept(
            "An account without a trace of this project is looked at, and each promise it breaks is named, worst first, with "
            "what mends it",
            by="recovery/assess/judgement.py recovery/assess/inventory.py recovery/cli/assess.py",
            proven="tests/rehearsal/test_assess.py::test_each_fault_is_found_with_what_mends_it "
            "test_the_worst_comes_first_and_what_is_kept_is_said test_a_wrong_region_is_not_a_good_one test_it_only_reads",
        ),
        kept(
            "Its stores become an environment of existing stores",
            by="recovery/assess/starter.py recovery/cli/init.py",
            proven="tests/rehearsal/test_assess.py::test_init_writes_an_environment_of_existing_stores_that_is_kept "
            "test_what_init_wrote_synthesises",
        ),
        kept(
            "A store that belongs to someone else's code is protected and not made",
            by="backup_stack/stores.py components/stores.py",
            proven="tests/stacks/test_backup.py::test_a_store_that_exists_is_protected_but_not_made",
        ),
        kept(
            "Data outlives the stack that made it",
            by="backup_stack/mysql.py backup_stack/audit_table.py backup_stack/vaults.py",
            proven="tests/stacks/test_invariants.py::test_state_is_retained",
        ),
        kept(
            "Every resource with state is protected or left out with a live reason; one that is neither stops `cdk synth`",
            by="components/coverage.py components/stateful.py app.py",
            proven="tests/stacks/test_coverage.py::test_a_forgotten_resource_is_named_with_what_to_add "
            "test_an_exclusion_ends_with_its_review_date test_every_type_was_looked_at "
            "tests/stacks/test_app.py::test_a_resource_that_nobody_protects_or_excuses_stops_the_synth",
        ),
        kept(
            "A setting of a live store that drifts from its promise is noticed: point-in-time recovery, retention, deletion "
            "protection, expiry of items; and the vaults' policies, locks and keys",
            by="recovery/monitor/drift.py strategy/catalogue/vault_protection.py strategy/catalogue/alarm_table.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "tests/recovery/test_monitor.py::test_a_fresh_region_has_no_drift "
            "test_a_statement_that_was_weakened_refuses_nothing test_another_role_that_is_excepted_is_found",
        ),
    ),
)

_RECORDED = {
    "by": "environments/prod.toml strategy/checks/guards/promises.py",
    "proven": "tests/unit/test_environments.py::test_what_is_left_out_has_its_reason tests/unit/test_guards.py::test_refuses",
}

EXCLUSIONS = Chapter(
    "What is left out",
    (
        kept("Whatever is left out has a reason, an owner, and a review date past which it is an error", **_RECORDED),
        kept("On record: the SFTP host has no real data, and is set up anew within {exclusions[sftp-host].rto}", **_RECORDED),
        kept(
            "The SFTP host is set up anew from code, in either region",
            by="dr_stack/standby/sftp.py dr_stack/standby/sftp.sh",
            proven="tests/stacks/test_standby.py::test_the_sftp_host_is_set_up_from_code_and_reached_by_nobody",
        ),
        kept(
            "On record: the instances of the services {services[*].name} have no state, and are replaced within "
            "{exclusions[service-instances].rto}",
            **_RECORDED,
        ),
        kept(
            "Each service runs {services[*].min_instances} to {services[*].max_instances} instances behind a load balancer that "
            "asks `{services[*].health_check}` on {services[*].port} and replaces what does not answer",
            by="dr_stack/standby/services.py dr_stack/standby/balancer.py",
            proven="tests/stacks/test_standby.py::test_services_stand_behind_the_one_load_balancer",
        ),
        kept("On record: Redis caches what is backed up, and fills itself again (RTO {exclusions[redis].rto})", **_RECORDED),
        kept(
            "Redis runs Multi-AZ",
            by="dr_stack/standby/cache.py",
            proven="tests/stacks/test_standby.py::test_redis_stands_in_two_zones",
        ),
        kept(
            "On record: S3 buckets are versioned instead (RPO {exclusions[buckets].rpo}, RTO {exclusions[buckets].rto})",
            **_RECORDED,
        ),
        kept(
            "The shared-data bucket is versioned, encrypted, private and replicated; old versions are kept "
            "{buckets.old_versions_keep}",
            by="backup_stack/shared_data.py backup_stack/buckets.py",
            proven="tests/stacks/test_backup_replication.py::test_shared_files_are_versioned_and_old_versions_end "
            "test_buckets_refuse_what_is_not_tls test_buckets_are_replicated_to_the_other_region_whichever_role_they_have",
        ),
        kept("On record: Lambda functions have no state, and are deployed anew from source control", **_RECORDED),
        kept(
            "The functions' code and its pinned dependencies come from the repository alone",
            by="deployment/bundle.py components/function.py",
            proven="tests/unit/test_bundle.py::test_only_what_functions_import_goes_in test_pins_are_those_of_everything_else "
            "tests/stacks/test_invariants.py::test_functions_are_python_and_their_logs_end",
        ),
    ),
)

CHAPTERS = (SCHEDULE, STORES, EXCLUSIONS)
