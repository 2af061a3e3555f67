"""The two workflows that answer AWS Backup's scheduled restore tests, and that notice when one did not take place."""
