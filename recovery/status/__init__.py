"""What can be restored, from one region, now: read from AWS (`sources`, `premises`), judged by the strategy (`judgement`)."""
