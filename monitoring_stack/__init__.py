"""What notices: failed jobs, and the people who are told."""
