"""The second region, what is promised when something is lost, how it comes back, and how that is proven."""

from __future__ import annotations

from tools.promises.statement import Chapter, kept

SECOND_REGION = Chapter(
    "The second region",
    (
        kept(
            "Every rule copies from {regions.primary} to {regions.recovery}, and the copies are kept as long as the backups: "
            "{rules[*].copy_keep}",
            by="backup_stack/plan.py environments/prod.toml",
            proven="tests/stacks/test_backup.py::test_every_rule_copies_to_another_region "
            "tests/unit/test_environments.py::test_the_three_rules_stand_word_for_word",
        ),
        kept(
            "A copy outlives the region it came from",
            by="backup_stack/plan.py backup_stack/vaults.py",
            proven="packages/aws_rehearsal/tests/test_backup_dynamodb.py::test_a_copy_restores_every_item_after_its_region_is_lost "
            "packages/aws_rehearsal/tests/test_rds_regions.py::test_a_copy_in_another_region_outlives_the_region_it_came_from",
        ),
        kept(
            "The regions differ and their networks do not overlap",
            by="strategy/model/strategy.py strategy/checks/guards/networks.py",
            proven="tests/unit/test_loader.py::test_a_wrong_value_is_named tests/unit/test_guards.py::test_refuses",
        ),
        kept(
            "MySQL's automated backups are replicated and kept there for {stores[mysql].replicated_backups_keep}, under a key of "
            "that region",
            by="backup_stack/mysql.py backup_stack/replicated_backups.py deployment/deploy.py",
            proven="tests/stacks/test_backup_replication.py::test_backups_are_replicated_under_the_key_of_the_recovery_region "
            "test_the_key_is_a_parameter_without_a_default",
        ),
        kept(
            "The audit table has a replica there, protected like the table",
            by="backup_stack/audit_table.py",
            proven="tests/stacks/test_backup_replication.py::test_the_replica_of_the_table_is_protected_like_the_table "
            "test_the_audit_table_is_a_global_table_even_alone",
        ),
        kept(
            "A read replica of MySQL, where one is asked for, has a stack of its own",
            by="backup_stack/read_replica_stack.py",
            proven="tests/stacks/test_backup_replication.py::test_a_read_replica_is_a_stack_of_its_own_and_only_on_request",
        ),
        kept(
            "Backups are replicated only between regions where RDS does it, in both directions since coming back is promised",
            by="strategy/checks/guards/replication.py",
            proven="tests/unit/test_guards.py::test_refuses test_the_table_of_pairs_is_not_symmetrical_where_aws_s_is_not",
        ),
        kept(
            "The recovery region needs nothing of the primary, neither to be deployed nor to recover",
            by="app.py dr_stack/stack.py",
            proven="tests/stacks/test_invariants.py::test_the_recovery_region_knows_nothing_of_the_primary "
            "test_no_stack_exports_or_imports test_the_recovery_region_is_deployed_before_what_copies_into_it "
            "packages/aws_rehearsal/tests/test_gateway.py::test_a_lost_region_refuses_every_protocol_and_is_counted",
        ),
        kept(
            "Network, subnet group and parameter group wait there for the restored stores; one load balancer is all that costs",
            by="dr_stack/standby/network.py dr_stack/standby/database.py",
            proven="tests/stacks/test_invariants.py::test_the_landing_zone_costs_one_load_balancer "
            "tests/stacks/test_region_workflow.py::test_names_in_the_recovery_region_are_the_landing_zones",
        ),
        kept(
            "The application's own infrastructure waits there too, and one parameter activates it",
            by="dr_stack/standby/activation.py dr_stack/standby/workload.py deployment/deploy.py",
            proven="tests/stacks/test_standby.py::test_one_parameter_activates_and_is_off_by_default "
            "test_no_data_store_waits_for_the_activation test_nothing_that_stands_refers_to_what_waits "
            "tests/unit/test_deployment.py::test_the_primary_alone_is_activated",
        ),
        kept(
            "A workload is not taken down while traffic is there",
            by="recovery/handlers/activation_guard.py",
            proven="tests/recovery/test_cutover.py::test_a_region_with_traffic_refuses_to_be_deactivated "
            "tests/stacks/test_standby.py::test_deactivation_asks_the_guard",
        ),
        kept(
            "A pilot light or a warm standby is one setting away",
            by="strategy/model/strategy.py dr_stack/standby/workload.py",
            proven="tests/stacks/test_standby.py::test_a_tier_says_what_waits",
        ),
        kept(
            "Each tier's RTO, RPO and cost stand beside the strategy's own",
            by="strategy/checks/tiers.py recovery/cli/rto_page.py docs/rto.md",
            proven="tests/unit/test_timeline.py::test_a_tier_above_is_faster_and_loses_less_and_costs_more "
            "test_a_tier_is_as_the_strategy_has_it_only_where_it_is_its_own "
            "tests/recovery/test_cli_rto.py::test_the_page_shows_timeline_hand_procedure_and_tiers "
            "test_the_strategys_own_tier_is_drawn_unless_another_is_asked_for "
            "tests/docs/test_rto.py::test_every_size_and_tier_stands_beside_the_hours_by_hand",
        ),
    ),
)

_STORES = {"mysql": "MySQL", "audit-logs": "Audit logs"}
_SCENARIOS = {
    "point_in_time": "rows or items are wrong (point-in-time recovery)",
    "recovery_point": "the store is gone (newest recovery point)",
    "region_loss": "the region is gone (what the recovery region holds)",
}

OBJECTIVES = Chapter(
    "Objectives",
    (
        *(
            kept(
                f"{said}, {happened}: by the strategy's arithmetic the worst case keeps an RPO of "
                f"{{stores[{store}].objectives.{scenario}.rpo}} and an RTO of {{stores[{store}].objectives.{scenario}.rto}}",
                by="strategy/checks/objectives.py environments/prod.toml",
                proven="tests/unit/test_objectives.py::test_prod_keeps_every_objective_and_accepts_nothing "
                "tests/unit/test_environments.py::test_the_stores_and_their_objectives",
            )
            for store, said in _STORES.items()
            for scenario, happened in _SCENARIOS.items()
        ),
        kept(
            "The arithmetic counts the size expected in a year, and after the loss of a region the slowest store",
            by="strategy/checks/objectives.py strategy/model/stores.py",
            proven="tests/unit/test_objectives.py::test_growth_is_reckoned_with test_rto_follows_the_size "
            "test_after_the_loss_of_a_region_the_slowest_branch_decides_for_every_store",
        ),
        kept(
            "A promise that is not kept has a reason, an owner, a limit and a last day, or it is an error",
            by="strategy/checks/guards/promises.py",
            proven="tests/unit/test_guards.py::test_an_accepted_breach_stops_synthesis_after_its_last_day "
            "test_an_accepted_breach_that_grew_stops_synthesis "
            "test_what_is_accepted_is_a_warning_with_its_sums_owner_and_date",
        ),
        kept(
            "Whoever asks sees every promise with its worst case, its arithmetic and its verdict",
            by="recovery/__main__.py recovery/cli/strategy.py recovery/cli/strategy_report.py",
            proven="tests/recovery/test_cli_strategy.py::test_a_kept_strategy_ends_with_0_and_shows_every_part "
            "test_json_says_what_the_strategy_says test_past_its_date_it_is_an_error",
        ),
        kept(
            "Measured RPO and RTO stand beside the promised ones; what nothing measured reads unproved",
            by="recovery/report/promise_results.py recovery/report/measurements.py recovery/report/page.py",
            proven="tests/recovery/test_report.py::test_promises_stand_beside_the_worst_that_was_measured "
            "test_a_promise_that_was_measured_and_not_kept_is_broken "
            "test_what_failed_or_says_nothing_measures_nothing "
            "test_a_quarter_without_records_says_so_loudly_and_is_never_green",
        ),
    ),
)

RESTORE = Chapter(
    "Restoring one store",
    (
        kept(
            "The person on call sees what can be restored, from when, how old it is, how long it takes, and what would stop it",
            by="recovery/cli/status.py recovery/status/survey.py recovery/status/judgement.py",
            proven="tests/rehearsal/test_status.py::test_the_primary_restores_to_a_moment_and_from_its_own_vault "
            "test_what_would_stop_a_restore_is_told_before_the_night "
            "test_with_the_primary_lost_the_recovery_region_answers_alone",
        ),
        kept(
            "What could not be checked is said, and never taken for good; a store of which nothing is found is a broken promise",
            by="recovery/aws.py recovery/status/judgement.py",
            proven="tests/rehearsal/test_status.py::test_what_is_refused_is_not_checked_and_ends_with_3 "
            "tests/recovery/test_status_judgement.py::test_what_was_refused_is_not_checked_and_never_kept "
            "test_nothing_is_a_broken_promise test_a_store_of_which_nothing_is_promised_here_is_not_fine",
        ),
        kept(
            "MySQL to a moment within its {stores[mysql].point_in_time}, beside the old instance",
            by="dr_stack/restore/workflow.py recovery/restore/planner.py",
            proven="tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified test_its_loss_is_exact",
        ),
        kept(
            "MySQL from a recovery point: the newest usable one, or a given one",
            by="dr_stack/restore/restore_steps.py recovery/restore/sources.py",
            proven="tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified test_its_loss_is_exact",
        ),
        kept(
            "The audit table to any second of its {stores[audit-logs].point_in_time}, beside the old table, or repaired in place",
            by="dr_stack/restore/workflow.py dr_stack/restore/switch_steps.py",
            proven="tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified test_its_loss_is_exact",
        ),
        kept(
            "The audit table from a recovery point",
            by="dr_stack/restore/restore_steps.py recovery/restore/sources.py",
            proven="tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified test_its_loss_is_exact",
        ),
        kept(
            "Settings that AWS loses on a restore are put back and compared",
            by="recovery/handlers/put_settings.py recovery/restore/settings/mysql.py recovery/restore/settings/dynamodb.py",
            proven="tests/recovery/test_restore_settings_mysql.py::"
            "test_a_lost_setting_is_put_back_and_believed_only_when_it_shows "
            "tests/recovery/test_restore_settings_dynamodb.py::"
            "test_what_a_restore_loses_is_put_back_and_believed_only_when_it_shows "
            "tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified",
        ),
        kept(
            "Passwords are reset from the secret; the application moves to the restored store and is shown to use it",
            by="dr_stack/restore/switch_steps.py dr_stack/restore/functions.py",
            proven="tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified",
        ),
        kept(
            "A failed restore says where it stands, and is resumed without doing anything twice",
            by="dr_stack/restore/outcome.py recovery/restore/execution.py",
            proven="tests/stacks/test_route_workflows.py::test_the_record_says_how_it_ended_and_what_is_next "
            "tests/recovery/test_restore_steps.py::test_a_job_is_started_once_and_again_only_when_it_failed "
            "tests/recovery/test_cli_restore.py::"
            "test_a_failure_names_the_step_what_exists_and_the_command_and_resume_ends_it "
            "tests/rehearsal/test_restore_faults.py::test_a_restore_under_trouble_ends_well",
        ),
        kept(
            "The old store is never deleted by a restore",
            by="dr_stack/restore/functions.py rehearsal/scenarios/observations.py",
            proven="tests/rehearsal/test_restore_routes.py::test_every_route_recovers_verified "
            "test_an_old_store_that_was_touched_is_seen",
        ),
        kept(
            "Each function and each workflow may call what its step needs, and nothing else",
            by="dr_stack/restore/functions.py tools/permissions/grants.py docs/permissions.md",
            proven="tests/docs/test_permissions.py::test_the_page_is_what_the_template_grants "
            "tests/rehearsal/test_permissions.py::test_a_call_without_permission_is_found "
            "test_a_permission_that_nobody_used_is_found",
        ),
    ),
)

DISASTER = Chapter(
    "Recovering a region",
    (
        kept(
            "The stakeholders are told what is lost and how long it takes before anything is restored, and again at every stage; "
            "the model gives assessment and decision {durations.assessment.takes}",
            by="recovery/region/assessment.py dr_stack/region/notify.py strategy/checks/timeline.py",
            proven="tests/recovery/test_region_assessment.py::"
            "test_the_stakeholders_are_told_what_is_lost_how_long_it_takes_and_who_is_asked "
            "tests/stacks/test_region_workflow.py::test_people_are_told_what_the_tests_found_and_what_they_wait_for "
            "test_people_are_told_what_was_seen_while_it_was_watched "
            "tests/unit/test_timeline.py::test_the_steps_are_those_of_the_workflow_in_order",
        ),
        kept(
            "A person other than the starter approves",
            by="recovery/region/approval.py recovery/cli/approve.py",
            proven="tests/recovery/test_region_approval.py::test_nothing_goes_on_until_somebody_else_says_yes "
            "test_whoever_made_the_plan_does_not_approve_it test_another_role_does_not_make_another_person "
            "test_a_yes_of_the_starter_that_was_written_past_the_client_does_not_count",
        ),
        kept(
            "Infrastructure is activated beside the restores; the model gives it {durations.infrastructure.takes}",
            by="recovery/region/workload.py dr_stack/region/restore_stores.py strategy/checks/timeline.py",
            proven="tests/recovery/test_region_workload.py::test_one_parameter_is_set_and_every_other_one_stays "
            "test_an_update_under_way_is_waited_for test_a_stack_that_cannot_be_updated_ends_the_step "
            "tests/stacks/test_region_workflow.py::test_a_branch_that_fails_does_not_stop_the_others "
            "tests/unit/test_timeline.py::test_what_runs_side_by_side_starts_together_and_the_longest_decides",
        ),
        kept(
            "Replicated buckets are checked: there, versioned, and how much has arrived",
            by="recovery/region/buckets.py",
            proven="tests/recovery/test_region_assessment.py::test_a_versioned_bucket_with_what_arrived_is_fine "
            "test_a_bucket_that_is_gone_or_keeps_no_versions_is_said",
        ),
        kept(
            "The newest usable recovery point of each store is chosen, and what was passed over is listed with its reason",
            by="recovery/recovery_points.py recovery/region/planner.py recovery/region/restore_store.py",
            proven="tests/recovery/test_recovery_points.py::test_the_newest_wins_whatever_the_order "
            "test_an_unusable_point_is_passed_over_with_its_reason test_a_key_that_cannot_decrypt_rules_a_point_out "
            "test_nothing_usable_says_what_was_seen",
        ),
        kept(
            "A copy that proves to be of no use gives way to the next one, and the record says so",
            by="recovery/region/restore_store.py",
            proven="tests/recovery/test_region_stores.py::test_a_copy_of_no_use_gives_way_to_the_next_and_that_is_said "
            "test_trouble_around_a_restore_is_not_the_copys_fault test_when_nothing_is_left_every_source_is_told",
        ),
        kept(
            "MySQL and the audit table are restored beside one another; one that fails does not stop the other",
            by="dr_stack/region/restore_stores.py recovery/region/restore_store.py",
            proven="tests/stacks/test_region_workflow.py::test_a_branch_that_fails_does_not_stop_the_others",
        ),
        kept(
            "Every step has an end and another try, and every failure a record that says what was done and what to do next",
            by="components/tasks.py dr_stack/workflow/record.py",
            proven="tests/stacks/test_region_workflow.py::test_every_task_has_an_end_and_another_try test_every_path_is_caught "
            "test_the_record_says_why_it_did_not test_a_plan_with_nothing_in_it_still_gets_a_record",
        ),
        kept(
            "The region's data comes back from its copies, verified, without a call to the lost region; what was lost is counted",
            by="dr_stack/region/workflow.py rehearsal/scenarios/region_loss.py",
            proven="tests/rehearsal/test_region_loss.py::test_a_lost_region_comes_back_verified "
            "test_one_altered_row_fails_the_run_for_the_right_reason",
        ),
        kept(
            "Traffic moves by one write in the recovery region: records stand ahead, and no call of DNS is needed",
            by="dr_stack/cutover/cutover_stack.py dr_stack/cutover/switch.py recovery/cutover/switch.py recovery/cutover/metric.py",
            proven="tests/stacks/test_cutover.py::test_customers_reach_what_the_table_says "
            "test_a_swap_of_roles_rewrites_no_record test_no_function_may_change_a_record "
            "tests/recovery/test_cutover.py::test_a_night_and_the_way_back",
        ),
        kept(
            "The lost region fences itself when it returns",
            by="recovery/fence/decision.py recovery/cutover/takeover.py recovery/fence/region.py "
            "recovery/handlers/fence_region.py dr_stack/fence.py",
            proven="tests/rehearsal/test_region_loss.py::test_a_region_that_comes_back_in_the_middle_fences_itself "
            "tests/recovery/test_cutover.py::test_a_region_decides "
            "test_a_region_that_returns_while_it_is_recovered_elsewhere_stays_closed "
            "test_closing_shuts_the_world_out_and_opening_lets_it_in",
        ),
        kept(
            "The freshest source is used: the replica, or the replicated automated backup, before the newest copy",
            by="recovery/region/planner.py recovery/restore/replicas.py recovery/restore/start_restore.py recovery/verify/replica.py",
            proven="tests/recovery/test_replicas.py::test_a_replica_goes_first_unless_it_is_clearly_behind "
            "test_why_a_read_replica_is_passed_over test_what_is_wrong_with_one_is_found "
            "tests/rehearsal/test_region_loss.py::test_replicas_are_promoted_and_minutes_are_lost_instead_of_hours "
            "test_a_replica_that_stopped_following_gives_way_to_the_replicated_backup",
        ),
        kept(
            "A bad night changes nothing: half a copy is not used, another client takes over, a failed branch alone is resumed",
            by="recovery/restore/sources.py recovery/region/restore_store.py recovery/cli/follow.py",
            proven="tests/rehearsal/test_region_loss.py"
            "::test_on_a_bad_night_half_copies_a_dead_operator_and_a_failed_branch_change_nothing "
            "tests/recovery/test_restore_planner.py::test_half_a_copy_is_no_source_of_a_lost_store_and_is_said",
        ),
        kept(
            "What was lost is told of each store: its newest write that came back, and what a later manifest counted besides",
            by="recovery/region/data_loss.py recovery/cli/progress_page.py",
            proven="tests/recovery/test_region_stores.py::test_how_far_a_replica_had_come_is_told_by_its_newest_write "
            "test_what_a_later_manifest_counted_and_did_not_come_back_is_told "
            "test_a_manifest_that_is_older_than_the_data_counts_nothing",
        ),
        kept(
            "Endpoints, environment and DNS are configured by the workflow: in the model {durations.workflow.wiring.takes} and "
            "{durations.workflow.switch.takes}, by hand {durations.configuration.takes}",
            by="dr_stack/region/switch_endpoints.py dr_stack/cutover/cutover_stack.py strategy/checks/timeline.py",
            proven="tests/stacks/test_region_workflow.py::test_services_are_restarted_once_when_every_endpoint_stands "
            "test_only_services_that_are_installed_are_looked_for "
            "tests/stacks/test_cutover.py::test_no_function_may_change_a_record "
            "tests/rehearsal/test_region_loss.py::test_a_lost_region_comes_back_verified",
        ),
        kept(
            "Every service is smoke-tested before any customer is sent to it: it answers through the load balancer, and has read "
            "its stores. The model gives that {durations.workflow.smoke_test.takes}, by hand it is {durations.testing.takes}",
            by="recovery/region/smoke_test.py recovery/region/http_probe.py dr_stack/region/smoke_test.py strategy/checks/timeline.py",
            proven="tests/recovery/test_region_smoke_test.py::test_what_does_not_pass_is_waited_for_by_name "
            "test_services_that_are_not_installed_are_not_taken_for_tested "
            "tests/stacks/test_region_workflow.py::test_a_service_that_fails_its_test_ends_the_attempt_before_traffic_is_moved "
            "tests/rehearsal/test_region_loss.py::test_a_lost_region_comes_back_verified",
        ),
        kept(
            "The recovery cuts traffic over when a second person has said yes, and watches it for at least "
            "{durations.workflow.watch.takes}; by hand the cutover takes {durations.cutover.takes}",
            by="dr_stack/region/cutover.py recovery/region/watch.py recovery/region/approval.py",
            proven="tests/stacks/test_region_workflow.py::"
            "test_traffic_moves_after_the_tests_and_a_second_yes_and_is_watched_before_the_backups "
            "test_a_drill_tests_the_services_and_moves_no_traffic "
            "tests/recovery/test_region_approval.py::test_whoever_made_the_plan_does_not_move_the_traffic "
            "tests/recovery/test_region_smoke_test.py::test_it_is_watched_for_ten_minutes_and_what_was_seen_is_kept "
            "test_a_switch_that_somebody_throws_meanwhile_ends_the_watch "
            "tests/rehearsal/test_region_loss.py::test_a_lost_region_comes_back_verified "
            "packages/aws_rehearsal/tests/test_web.py::test_a_claim_of_the_other_region_leads_there_and_its_end_leads_back",
        ),
        kept(
            "The restored data is verified in {durations.verification.takes}; what was not read by then is not checked: no pass",
            by="dr_stack/restore/verify_steps.py dr_stack/verify/steps.py components/sliced_verification.py dr_stack/verify/functions.py "
            "recovery/handlers/pieces.py recovery/verify/pace.py",
            proven="tests/stacks/test_route_workflows.py"
            "::test_the_verification_ends_within_the_time_that_is_promised_for_it "
            "tests/rehearsal/test_restore_tests.py"
            "::test_stores_that_are_too_large_for_one_call_are_judged_piece_by_piece "
            "tests/recovery/test_handlers.py"
            "::test_a_store_too_large_for_the_function_s_time_is_not_checked_and_says_what_to_do "
            "tests/rehearsal/test_region_loss.py::test_a_lost_region_comes_back_verified",
        ),
        kept(
            "Coming back is the same workflow with the regions swapped; late writes left behind are listed",
            by="recovery/cutover/planned_failover.py recovery/cli/planned_failover.py recovery/late_writes/count.py "
            "backup_stack/logins.py backup_stack/buckets.py recovery/runbooks/templates/region.md.j2",
            proven="tests/rehearsal/test_failback.py"
            "::test_a_region_returns_and_the_bank_comes_home_with_every_row_that_was_written_meanwhile "
            "tests/stacks/test_backup_state.py"
            "::test_a_swap_deletes_nothing_that_holds_data_and_makes_nothing_under_a_name_that_is_taken "
            "tests/recovery/test_planned_failover.py"
            "::test_writers_stop_before_anything_is_backed_up_and_everything_is_copied",
        ),
        kept(
            "Whether the recovery region could take over tonight is checked every day",
            by="strategy/preflight.py recovery/preflight/run.py dr_stack/preflight.py recovery/handlers/preflight.py "
            "recovery/cli/preflight.py",
            proven="tests/recovery/test_preflight.py::test_a_planted_gap_is_found test_there_is_a_gap_for_every_check "
            "test_what_is_refused_is_not_checked_and_never_green test_the_function_writes_a_record_and_a_metric "
            "tests/stacks/test_preflight.py::test_it_is_asked_every_day_in_the_recovery_region_only",
        ),
        kept(
            "The timeline of a recovery stands beside the strategy's procedure by hand",
            by="strategy/checks/timeline.py strategy/catalogue/manual_procedure.py recovery/cli/rto.py recovery/cli/rto_picture.py docs/rto.md",
            proven="tests/unit/test_timeline.py::test_the_goals_are_kept test_the_promise_is_judged_by_the_same_sum "
            "test_by_hand_it_takes_8_to_11_hours "
            "tests/recovery/test_cli_rto.py::test_the_page_shows_timeline_hand_procedure_and_tiers "
            "test_the_picture_needs_nothing_else_and_can_be_read_aloud "
            "tests/docs/test_rto.py::test_every_size_and_tier_stands_beside_the_hours_by_hand",
        ),
    ),
)

PROOF = Chapter(
    "Verification and restore tests",
    (
        kept(
            "What a store held is written down whenever a rule runs, without naming a customer",
            by="backup_stack/manifest.py recovery/handlers/write_manifest.py recovery/verify/manifest.py",
            proven="tests/stacks/test_backup.py::test_a_manifest_is_written_once_whenever_rules_run "
            "tests/recovery/test_handlers.py::test_what_was_written_down_is_what_is_there test_a_manifest_names_nobody",
        ),
        kept(
            "It is signed by a key that only signs, and nothing is compared with a manifest that was forged, altered, renamed or "
            "brought from elsewhere",
            by="recovery/verify/signature.py recovery/evidence/p256.py recovery/handlers/sign_manifests.py",
            proven="tests/recovery/test_signature.py::test_what_is_not_signed_so_is_never_compared_with "
            "test_only_what_was_measured_is_signed test_manifest_and_signature_are_locked "
            "tests/unit/test_p256.py::test_what_any_key_signed_is_its_own_and_no_other_s "
            "test_a_damaged_signature_is_judged_alike "
            "tests/stacks/test_backup.py::test_who_measures_may_not_sign_and_who_signs_may_not_measure",
        ),
        kept(
            "A restored store is compared with it: schema, counts and content, in MySQL and in DynamoDB",
            by="recovery/verify/compare.py recovery/verify/mysql.py recovery/verify/dynamodb.py",
            proven="tests/recovery/test_mysql_content.py::test_damage_is_caught "
            "test_an_undamaged_copy_passes_whatever_order_it_was_filled_in test_an_empty_restore_fails_every_level "
            "tests/recovery/test_dynamodb_content.py::test_damage_is_caught test_a_copy_in_another_order_passes",
        ),
        kept(
            "Anyone can verify by one command, against a manifest or against the live store, and is told which rows differ",
            by="recovery/cli/verify.py recovery/verify/find_rows.py",
            proven="tests/recovery/test_cli_verify.py::test_a_manifest_judges_the_copy "
            "test_the_rows_that_differ_are_named_with_their_columns "
            "test_what_cannot_be_compared_is_one_line_and_never_passed",
        ),
        kept(
            "Reading pauses while the server is busy or a replica is behind, ends in time, and goes on where it was killed",
            by="recovery/verify/pace.py recovery/verify/resume_file.py recovery/cli/verify_progress.py",
            proven="tests/unit/test_pace.py::test_reading_pauses_until_a_busy_server_is_quiet "
            "test_reading_pauses_while_a_replica_is_behind test_reading_ends_in_time_also_while_it_pauses "
            "tests/recovery/test_cli_verify.py::test_a_busy_server_is_not_read_and_nothing_is_passed "
            "test_a_killed_verification_goes_on_after_the_last_finished_table "
            "tests/recovery/test_handlers.py"
            "::test_a_store_too_large_for_the_function_s_time_is_not_checked_and_says_what_to_do",
        ),
        kept(
            "A verification in trouble is one clear line, and never a pass",
            by="recovery/verify/result.py recovery/handlers/verification.py",
            proven="tests/recovery/test_cli_verify.py::test_every_trouble_is_one_clear_line_and_never_a_pass "
            "test_what_cannot_be_compared_is_one_line_and_never_passed",
        ),
        kept(
            "Every known kind of damage to a restored store is caught, and an undamaged one is never called damaged",
            by="recovery/verify/compare.py recovery/verify/table.py recovery/verify/rows.py",
            proven="tests/recovery/test_mutations.py"
            "::test_every_damage_to_the_bank_is_caught_and_no_undamaged_copy_is_called_damaged "
            "test_damage_to_any_schema_is_caught test_every_damage_to_a_table_is_caught "
            "test_a_prover_that_sees_nothing_is_told_so",
        ),
        kept(
            "What could not be checked is never called passed",
            by="recovery/handlers/verification.py recovery/verify/result.py",
            proven="tests/recovery/test_handlers.py::test_without_a_manifest_nothing_is_passed "
            "test_a_truncated_manifest_is_not_compared_with test_a_crash_is_an_error_not_a_verdict "
            "tests/recovery/test_manifest.py::test_unchecked_says_why_at_every_level",
        ),
        kept(
            "A restore test always finds a recovery point young enough ({restore_testing.selection_window}), within AWS's limits",
            by="strategy/checks/guards/restore_testing.py",
            proven="tests/unit/test_guards.py::test_refuses",
        ),
        kept(
            "Restore tests run each quarter (`{restore_testing.schedule}`) in each region, for each store",
            by="backup_stack/restore_tests.py",
            proven="tests/stacks/test_backup_audit.py::test_every_store_is_test_restored_in_each_region "
            "test_a_restore_test_needs_no_default_vpc",
        ),
        kept(
            "The bank's own invariants hold in what was restored",
            by="recovery/verify/invariants.py recovery/handlers/verify_mysql.py environments/prod.toml",
            proven="tests/recovery/test_invariants.py::test_what_breaks_one_is_seen_by_it_with_its_keys "
            "test_what_cannot_be_asked_is_not_checked_and_changes_nothing "
            "tests/recovery/test_handlers.py::test_a_copy_that_equals_its_manifest_fails_by_what_it_means",
        ),
        kept(
            "What a restore test restored is verified within the {restore_testing.validation_window} for which it is kept",
            by="dr_stack/restore_tests/answer_workflow.py strategy/checks/guards/restore_testing.py",
            proven="tests/rehearsal/test_restore_tests.py"
            "::test_a_good_restore_is_passed_by_its_content_in_each_region_and_then_deleted "
            "tests/stacks/test_restore_tests.py::test_an_answer_ends_long_before_what_was_restored_is_deleted",
        ),
        kept(
            "A restore test is passed by its content, not by being available",
            by="dr_stack/restore_tests/answer_workflow.py recovery/restore_tests/lookup.py",
            proven="tests/rehearsal/test_restore_tests.py"
            "::test_a_good_restore_is_passed_by_its_content_in_each_region_and_then_deleted "
            "test_a_damaged_restore_is_failed_and_told test_a_verifier_that_crashes_stamps_nothing_and_is_told "
            "test_without_a_manifest_nothing_is_stamped "
            "tests/stacks/test_restore_tests.py::test_nothing_but_a_verdict_leads_to_the_stamp",
        ),
        kept(
            "A store without a restore test is a failure, and an answer whose event was lost is made up for",
            by="dr_stack/restore_tests/watch_workflow.py recovery/restore_tests/watch.py",
            proven="tests/rehearsal/test_restore_tests.py"
            "::test_a_store_without_a_restore_job_is_a_failure_and_an_answer_whose_event_was_lost_is_made_up_for "
            "tests/recovery/test_restore_tests.py::test_what_has_no_answer_in_the_end_is_a_problem",
        ),
        kept(
            "The newest heartbeat restored says how much was lost",
            by="dr_stack/heartbeat.py recovery/heartbeat/writer.py recovery/verify/heartbeat.py",
            proven="tests/rehearsal/test_restore_tests.py"
            "::test_the_newest_heartbeat_restored_says_since_when_writes_are_lost "
            "tests/recovery/test_heartbeat.py::test_it_is_in_the_manifest_and_no_part_of_the_content "
            "test_a_copy_older_than_its_manifest_or_without_a_heartbeat_fails "
            "tests/stacks/test_heartbeat.py::test_it_is_due_each_minute_in_both_regions",
        ),
        kept(
            "Integrity is verified each month (`{drills.integrity}`): each store comes back to the second of its newest "
            "manifest, and must be equal to it",
            by="recovery/drills/planner.py dr_stack/drills/schedule.py strategy/checks/guards/restore_testing.py",
            proven="tests/stacks/test_drills.py::test_the_data_of_every_store_is_checked_each_month_where_it_lives "
            "tests/rehearsal/test_drills.py::test_the_data_of_each_store_is_checked_to_the_second_of_its_newest_manifest "
            "tests/recovery/test_drill_proof.py::test_the_check_of_a_stores_data_is_overdue_after_a_month",
        ),
        kept(
            "Every documented route is drilled each quarter (`{drills.schedule}`), where no service can reach it; one that was "
            "not is called unproved",
            by="dr_stack/drills/workflow.py recovery/drills/proof.py recovery/cli/drill.py",
            proven="tests/stacks/test_drills.py::test_every_documented_route_of_every_store_is_drilled_each_quarter "
            "test_no_service_can_reach_what_a_drill_restores "
            "tests/rehearsal/test_drills.py::test_every_route_is_drilled_and_damage_is_noticed_and_no_live_store_is_touched "
            "test_what_is_unproved_is_counted_and_shown "
            "tests/recovery/test_drill_proof.py::test_anything_else_is_unproved_and_says_why",
        ),
        kept(
            "What a drill made is gone when AWS says that there is no such thing, and only then; it can delete nothing else",
            by="dr_stack/drills/teardown.py recovery/drills/teardown.py dr_stack/drills/functions.py",
            proven="tests/stacks/test_drills.py::test_only_not_found_counts_as_gone "
            "test_only_one_function_may_delete_and_only_what_bears_a_drills_mark "
            "tests/recovery/test_drill_teardown.py::test_what_lacks_a_mark_is_never_deleted "
            "test_what_the_application_uses_is_left_alone "
            "tests/rehearsal/test_drills.py::test_a_drill_that_is_ended_from_outside_leaves_nothing_once_it_is_cleaned_up "
            "test_a_teardown_that_cannot_be_proven_is_told",
        ),
        kept(
            "What a test found stays open, with an owner and a date, until the change that mends it is linked",
            by="recovery/findings/finding.py recovery/findings/notes.py recovery/cli/findings.py",
            proven="tests/recovery/test_findings.py::test_it_stays_open_until_its_change_is_linked "
            "test_whatever_failed_opens_one test_who_closes_it_must_say_how "
            "test_overdue_is_nobodys_and_what_is_past_its_day",
        ),
    ),
)

CHAPTERS = (SECOND_REGION, OBJECTIVES, RESTORE, DISASTER, PROOF)
