"""Who is told of what, what is looked at and when, what it costs, and what an auditor and the person on call find."""

from __future__ import annotations

from tools.promises.statement import Chapter, kept

ALERTS = Chapter(
    "Monitoring and alerts",
    (
        kept(
            "A backup, copy or restore job that failed, expired or was aborted is told at once",
            by="monitoring_stack/notifications.py recovery/notify/aws_events.py recovery/notify/told_jobs.py",
            proven="tests/stacks/test_monitoring.py::test_jobs_that_end_badly_are_told test_others_events_are_not_told "
            "packages/aws_rehearsal/tests/test_backup_vaults.py::test_every_change_is_told_to_eventbridge_in_awss_words "
            "tests/rehearsal/test_notifications.py::test_a_job_that_failed_is_told_at_once "
            "test_a_job_that_failed_is_told_once_and_also_when_its_event_is_lost",
        ),
        kept(
            "An incident is told once, and once when it clears: what, since when, the number seen and promised, what to do next",
            by="recovery/notify/aws_events.py recovery/notify/message.py recovery/handlers/notify.py monitoring_stack/notifications.py",
            proven="tests/rehearsal/test_notifications.py::test_an_incident_is_told_once_and_once_when_it_clears "
            "tests/recovery/test_notify.py::test_one_message_for_each_incident_whatever_silence_comes_between "
            "test_an_alarm_is_told_with_all_that_one_needs_at_night test_the_chat_form_is_awss_custom_notification "
            "tests/stacks/test_monitoring.py::test_alarms_of_this_environment_are_told",
        ),
        kept(
            "What our function cannot put into words reaches the people as it came: no message depends on our code alone",
            by="monitoring_stack/notifications.py",
            proven="tests/rehearsal/test_notifications.py::test_what_the_function_cannot_say_arrives_as_it_came "
            "tests/stacks/test_monitoring.py::test_what_cannot_be_said_in_words_reaches_the_topic_all_the_same",
        ),
        kept(
            "There is somebody to tell, {alerts.email}: production without an address is refused",
            by="strategy/checks/guards/promises.py environments/prod.toml",
            proven="tests/unit/test_guards.py::test_refuses",
        ),
        kept(
            "Alerts are encrypted, and those who publish them may use the key",
            by="monitoring_stack/alerts.py",
            proven="tests/stacks/test_monitoring.py::test_the_topic_refuses_plain_http_and_is_encrypted "
            "test_whoever_publishes_may_use_the_key",
        ),
        kept(
            "The state of all jobs is told each day, also when all is well, with freshness, proofs, findings, duties and alarms",
            by="recovery/digest/inputs.py recovery/digest/page.py recovery/handlers/digest.py monitoring_stack/digest.py",
            proven="tests/recovery/test_digest.py::test_when_all_is_well_it_says_so_and_shows_what_that_rests_on "
            "test_it_is_one_screen_even_when_nothing_is_well test_what_is_not_well_is_something_to_look_at "
            "test_a_monitor_that_is_silent_leaves_nothing_kept "
            "test_what_could_not_be_read_is_said_and_takes_nothing_else_with_it "
            "tests/stacks/test_monitoring.py::test_both_regions_send_their_digest_each_day_and_only_read",
        ),
        kept(
            "A restore test that failed, and a job that completed with a message, are told",
            by="strategy/catalogue/alarm_table.py recovery/monitor/proofs.py recovery/monitor/vaults.py monitoring_stack/alarms.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "tests/stacks/test_alarms.py::test_every_alarm_of_the_table_is_deployed_and_no_other",
        ),
        kept(
            "A backup more than {alerts.late_after} late, or that never started, is told",
            by="recovery/monitor/lateness.py strategy/catalogue/alarm_table.py monitoring_stack/alarms.py",
            proven="tests/rehearsal/test_alarms.py::test_a_stopped_plan_is_noticed_in_both_regions "
            "tests/recovery/test_monitor.py::test_a_run_that_did_not_start_is_late_from_its_moment "
            "test_a_run_whose_job_is_there_is_late_from_when_it_should_have_ended "
            "test_a_copy_is_awaited_for_as_long_as_backup_and_copy_take",
        ),
        kept(
            "A vault above {alerts.storage_above_percent} % of what is expected is told",
            by="recovery/monitor/vaults.py strategy/contracts/requests/monitor.py strategy/catalogue/alarm_table.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time",
        ),
        kept(
            "The age of the newest usable data of each store, in each region, is watched against its RPO",
            by="recovery/monitor/freshness.py strategy/catalogue/alarm_table.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "test_every_metric_that_an_alarm_reads_of_ours_was_emitted_with_those_dimensions",
        ),
        kept(
            "Settings of stores, plan, vaults, keys and opt-ins that are no longer as promised are told",
            by="recovery/monitor/drift.py strategy/catalogue/vault_protection.py strategy/catalogue/alarm_table.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "tests/recovery/test_monitor.py::test_a_statement_that_was_weakened_refuses_nothing "
            "test_another_role_that_is_excepted_is_found",
        ),
        kept(
            "What could not be read is told, and never taken for good",
            by="recovery/monitor/readings.py strategy/catalogue/alarm_table.py",
            proven="tests/recovery/test_monitor.py::test_a_reading_that_fails_leaves_the_others_and_is_never_a_zero "
            "test_a_defect_of_a_reading_is_caught_too "
            "tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time",
        ),
        kept(
            "A monitor that stops is noticed by something that does not depend on it",
            by="recovery/monitor/beat.py recovery/handlers/first_beat.py monitoring_stack/monitor.py monitoring_stack/alarms.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "tests/recovery/test_monitor.py::test_a_deployment_beats_for_both_regions_until_it_shows "
            "tests/stacks/test_alarms.py::test_an_alarm_on_silence_is_made_after_the_first_beat",
        ),
        kept(
            "Every alarm is shown to go off for its cause, and to stay silent when all is well",
            by="strategy/catalogue/alarm_table.py rehearsal/alarm_trials/causes.py rehearsal/alarm_trials/trial.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "test_nothing_goes_off_from_the_first_minute_of_a_deployment_on_while_all_is_well "
            "test_no_other_alarm_goes_off_and_each_clears_that_can "
            "tests/unit/test_alarms.py::test_what_is_read_of_aws_is_named_as_aws_names_it "
            "test_only_beats_take_silence_for_trouble",
        ),
        kept(
            "A dashboard of each region shows what is promised beside what is measured, in CloudWatch and as a page of one's own",
            by="strategy/catalogue/dashboard.py monitoring_stack/dashboard.py recovery/dashboard/page.py recovery/cli/dashboard.py",
            proven="tests/recovery/test_dashboard.py::test_every_metric_in_the_body_is_one_that_somebody_emits "
            "test_every_age_stands_beside_the_promise_that_its_alarm_is_judged_by "
            "test_what_is_measured_stands_beside_what_is_promised test_silence_is_never_kept test_it_is_quiet_alone_and_clean "
            "tests/stacks/test_monitoring.py::test_each_region_has_its_dashboard_and_cloudwatch_shows_the_body_of_the_local_page",
        ),
        kept(
            "Success rate and durations of jobs, restore jobs and vault sizes are measured: each day, week, month and quarter",
            by="recovery/jobs.py recovery/digest/digest.py recovery/monitor/vaults.py recovery/calendar/reviews.py",
            proven="tests/recovery/test_calendar.py::test_the_jobs_of_a_week_are_counted_and_timed "
            "test_storage_and_cost_stand_beside_what_was_computed "
            "tests/recovery/test_digest.py::test_the_days_jobs_are_counted_as_the_table_of_metrics_says "
            "test_when_all_is_well_it_says_so_and_shows_what_that_rests_on "
            "tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time",
        ),
    ),
)

CALENDAR = Chapter(
    "The calendar",
    (
        kept(
            "Weekly: the jobs are reviewed",
            by="strategy/catalogue/calendar.py recovery/calendar/reviews.py recovery/handlers/calendar.py backup_stack/calendar.py",
            proven="tests/recovery/test_calendar.py::test_the_jobs_of_a_week_are_counted_and_timed "
            "test_the_review_fails_for_a_bad_job_and_for_a_week_without "
            "tests/stacks/test_calendar.py::test_every_duty_of_the_clock_is_done_in_both_regions",
        ),
        kept(
            "Monthly: storage and cost are reviewed",
            by="strategy/catalogue/calendar.py recovery/calendar/reviews.py recovery/handlers/calendar.py backup_stack/calendar.py",
            proven="tests/recovery/test_calendar.py::test_storage_and_cost_stand_beside_what_was_computed "
            "test_a_bill_above_and_points_that_stay_fail_and_a_bill_that_was_refused_is_not_checked "
            "tests/stacks/test_calendar.py::test_every_duty_of_the_clock_is_done_in_both_regions",
        ),
        kept(
            "Annually: the strategy is reviewed, and a person signs it",
            by="strategy/catalogue/calendar.py recovery/calendar/reviews.py recovery/cli/calendar.py",
            proven="tests/recovery/test_calendar.py::test_the_review_of_the_strategy_is_for_a_person "
            "test_what_a_person_must_do_is_not_done_by_preparing_it "
            "tests/rehearsal/test_calendar.py::test_a_duty_that_was_missed_is_overdue_and_a_person_signs",
        ),
        kept(
            "A duty that was missed shows as overdue, and is counted for the monitors",
            by="recovery/calendar/due_dates.py recovery/cli/calendar.py recovery/cli/open_items.py recovery/report/report.py",
            proven="tests/recovery/test_calendar.py::test_each_is_done_by_its_record_and_overdue_after_its_time "
            "test_the_metric_counts_what_is_overdue "
            "tests/rehearsal/test_calendar.py::test_a_duty_that_was_missed_is_overdue_and_a_person_signs "
            "test_status_shows_what_is_open_and_overdue",
        ),
        kept(
            "Monthly: integrity is verified, by the stack itself",
            by="dr_stack/drills/schedule.py recovery/handlers/proofs.py",
            proven="tests/stacks/test_drills.py::test_the_data_of_every_store_is_checked_each_month_where_it_lives "
            "tests/rehearsal/test_drills.py::test_what_is_unproved_is_counted_and_shown",
        ),
        kept(
            "Quarterly: restores are tested, by a drill of every documented route",
            by="dr_stack/drills/schedule.py strategy/contracts/requests/drills.py",
            proven="tests/stacks/test_drills.py::test_every_documented_route_of_every_store_is_drilled_each_quarter "
            "tests/rehearsal/test_drills.py::test_every_route_is_drilled_and_damage_is_noticed_and_no_live_store_is_touched",
        ),
        kept(
            "A reason for leaving something out, and a breach that was accepted, come up again by their date",
            by="strategy/checks/guards/promises.py",
            proven="tests/unit/test_guards.py::test_refuses test_an_accepted_breach_stops_synthesis_after_its_last_day "
            "tests/recovery/test_cli_strategy.py::test_past_its_date_it_is_an_error",
        ),
        kept(
            "A change of the architecture, of an objective or of a size is judged anew at once",
            by="strategy/checks/guards/__init__.py recovery/cli/strategy.py",
            proven="tests/unit/test_guards.py::test_refuses test_passes "
            "tests/recovery/test_cli_strategy.py::test_regions_can_be_swapped_and_are_judged_anew",
        ),
    ),
)

COST = Chapter(
    "Cost",
    (
        kept(
            "The monthly cost of each store, region and rule is computed, with the source and date of each price",
            by="strategy/cost/monthly.py strategy/cost/prices.toml recovery/cli/cost.py",
            proven="tests/unit/test_cost.py::test_dev_is_what_the_sheet_says test_prod_is_what_the_sheet_says "
            "test_every_line_has_its_store_region_rule_and_sum "
            "test_the_price_file_has_all_that_the_environments_need_each_with_source_and_date "
            "tests/recovery/test_prices.py::test_a_refresh_asks_for_both_regions_and_tells_what_the_list_does_not_have "
            "tests/stacks/test_cost.py::test_what_the_templates_make_is_paid_for",
        ),
        kept(
            "The strategy's own estimate is reproduced with its assumptions, and put right where it is wrong",
            by="strategy/cost/written_estimate.py docs/cost.md",
            proven="tests/unit/test_cost.py::test_the_strategys_estimate_is_reproduced_and_its_corrections_add_up_to_the_bill "
            "test_the_corrections_add_up_everywhere tests/docs/test_cost.py::test_the_page_is_what_the_generator_writes",
        ),
        kept(
            "What each promise costs is shown: a shorter RPO, a second region",
            by="strategy/cost/promises.py",
            proven="tests/unit/test_cost.py::test_what_a_promise_costs_stands_beside_what_it_is_worth "
            "test_one_region_costs_what_is_left",
        ),
        kept(
            "Short retention, few stores and no cold storage keep it low, and a what-if shows by how much",
            by="strategy/cost/monthly.py recovery/cli/cost.py",
            proven="tests/unit/test_cost.py::test_more_data_never_costs_less "
            "test_keeping_longer_never_costs_less_where_the_schedule_stays_the_same "
            "test_cold_storage_is_cheaper_and_counts_only_what_is_cold "
            "tests/recovery/test_cli_cost.py::test_a_what_if_prints_the_difference test_keeping_less_costs_less",
        ),
        kept(
            "Cost above its budget is told: the reviewed bill, beside what the strategy's cost is computed to be",
            by="strategy/catalogue/alarm_table.py recovery/monitor/proofs.py recovery/calendar/reviews.py",
            proven="tests/rehearsal/test_alarms.py::test_every_alarm_goes_off_for_its_cause_within_its_promised_time "
            "tests/recovery/test_calendar.py::test_storage_and_cost_stand_beside_what_was_computed "
            "test_a_bill_above_and_points_that_stay_fail_and_a_bill_that_was_refused_is_not_checked",
        ),
    ),
)

COMPLIANCE = Chapter(
    "Compliance and audit trail",
    (
        kept(
            "Manifests, verifications and records of recoveries are kept in every version and replicated to the recovery region",
            by="backup_stack/evidence.py",
            proven="tests/stacks/test_backup.py::test_evidence_leaves_each_region "
            "packages/aws_rehearsal/tests/test_s3_replication.py::test_a_new_object_reaches_the_other_region_whole_and_later",
        ),
        kept(
            "Backup and restore calls are logged in CloudTrail; a trail or a Config recorder that is there already is reused",
            by="backup_stack/trail.py backup_stack/configuration.py",
            proven="tests/stacks/test_backup_audit.py::test_the_trail_sees_every_call_that_changes_something "
            "test_a_recorder_or_a_trail_that_is_there_is_not_made_again",
        ),
        kept(
            "AWS Backup Audit Manager holds every resource, not only the selected ones, against what is promised",
            by="backup_stack/framework.py",
            proven="tests/stacks/test_backup_audit.py::test_controls_look_at_every_resource_never_at_the_selection "
            "test_what_the_controls_demand_is_what_the_strategy_promises",
        ),
        kept(
            "The history of backup, copy and restore jobs is reported daily, and lies with the evidence",
            by="backup_stack/reports.py",
            proven="tests/stacks/test_backup_audit.py::test_reports_lie_with_the_evidence",
        ),
        kept(
            "Evidence cannot be altered, removed or back-dated without being noticed, and is kept as long as audit logs "
            "({audit.evidence_keep|years})",
            by="recovery/evidence/chain_seal.py recovery/evidence/chain_check.py backup_stack/evidence_chain.py backup_stack/evidence.py",
            proven="tests/rehearsal/test_evidence.py::test_every_falsification_is_found_for_its_reason "
            "test_an_untouched_chain_is_whole test_writers_at_once_do_not_fork_the_chain test_what_is_sealed_cannot_be_deleted "
            "test_the_command_says_whole_or_what_is_wrong "
            "tests/stacks/test_backup.py::test_records_are_sealed_every_hour_in_both_regions_by_a_key_that_only_signs",
        ),
        kept(
            "A report for the auditor shows promises against measurements, failed tests included",
            by="recovery/report/report.py recovery/report/page.py recovery/cli/report.py",
            proven="tests/recovery/test_report.py::test_promises_stand_beside_the_worst_that_was_measured "
            "test_a_promise_that_was_measured_and_not_kept_is_broken test_failed_tests_are_included_and_their_findings_open "
            "test_a_quarter_without_records_says_so_loudly_and_is_never_green "
            "tests/recovery/test_report_page.py::test_it_is_quiet_alone_and_clean "
            "tests/rehearsal/test_region_loss.py::test_a_lost_region_comes_back_verified",
        ),
        kept(
            "What failed stays open, with an owner and a date, until the change that mends it is linked",
            by="recovery/findings/finding.py recovery/findings/notes.py recovery/cli/findings.py",
            proven="tests/recovery/test_findings.py::test_it_stays_open_until_its_change_is_linked test_refuses "
            "tests/rehearsal/test_calendar.py::test_a_finding_from_its_failure_to_its_change "
            "tests/rehearsal/test_region_loss.py::test_one_altered_row_fails_the_run_for_the_right_reason",
        ),
        kept(
            "Controls of the standards a bank is held to point to the records that prove them, or read *no evidence*",
            by="strategy/catalogue/controls.toml strategy/catalogue/controls.py recovery/report/controls.py",
            proven="tests/recovery/test_report.py::test_a_claim_points_to_its_newest_record_or_reads_no_evidence "
            "test_the_chain_is_evidence_only_when_it_is_whole_and_not_empty "
            "test_the_map_has_every_framework_and_names_only_what_is_sealed_or_aws_writes",
        ),
    ),
)

DOCUMENTS = Chapter(
    "Documents and runbooks",
    (
        kept(
            "This page says what the code does: its files and tests exist, its numbers are the strategy's",
            by="tools/promises/page.py tools/promises/values.py",
            proven="tests/docs/test_promises.py::test_the_page_is_what_the_generator_writes "
            "test_every_file_and_every_test_exists test_every_number_is_the_strategys",
        ),
        kept(
            "The strategy is a file for each environment: nothing that decides something has a default; a wrong value is named",
            by="strategy/model/loader.py strategy/model/strategy.py environments/prod.toml",
            proven="tests/unit/test_guards.py::test_nothing_that_decides_something_has_a_default "
            "tests/unit/test_loader.py::test_a_wrong_value_is_named test_an_unknown_environment_lists_the_known_ones",
        ),
        kept(
            "The README's commands and paths exist, and its list of what is real and what is modelled is the report's own",
            by="README.md",
            proven="tests/docs/test_readme.py::test_every_make_target_it_names_exists test_every_path_it_names_exists "
            "test_what_is_real_and_what_is_modelled_is_the_reports_own_list",
        ),
        kept(
            "The infrastructure is code, valid in every environment, and the same each time it is synthesised",
            by="app.py",
            proven="tests/stacks/test_invariants.py::test_a_second_synthesis_is_identical "
            "tests/stacks/test_nag.py::test_nothing_is_found_that_is_not_acknowledged",
        ),
        kept(
            "Runbook: MySQL to a moment",
            by="docs/runbooks/mysql-to-a-moment.md recovery/runbooks/page.py",
            proven="tests/docs/test_runbooks.py::test_the_page_is_what_the_generator_writes "
            "tests/rehearsal/test_runbooks.py::test_by_hand_and_undone test_with_the_tool_and_undone",
        ),
        kept(
            "Runbook: MySQL from a recovery point",
            by="docs/runbooks/mysql-from-recovery-point.md recovery/runbooks/page.py",
            proven="tests/docs/test_runbooks.py::test_the_page_is_what_the_generator_writes "
            "tests/rehearsal/test_runbooks.py::test_by_hand_and_undone test_with_the_tool_and_undone",
        ),
        kept(
            "Runbook: the audit table",
            by="docs/runbooks/dynamodb-to-a-moment.md docs/runbooks/dynamodb-from-recovery-point.md recovery/runbooks/page.py",
            proven="tests/docs/test_runbooks.py::test_the_page_is_what_the_generator_writes "
            "tests/rehearsal/test_runbooks.py::test_by_hand_and_undone test_with_the_tool_and_undone",
        ),
        kept(
            "Runbook: the whole region, as far as it is automatic, and what is left to do by hand",
            by="docs/runbooks/region.md recovery/runbooks/page.py",
            proven="tests/docs/test_runbooks.py::test_the_page_is_what_the_generator_writes "
            "tests/rehearsal/test_runbooks.py::test_a_region_in_the_other_one",
        ),
    ),
)

CHAPTERS = (ALERTS, CALENDAR, COST, COMPLIANCE, DOCUMENTS)
