"""The calendar's duties: what each looks at (`reviews`), when the last was done and whether the next is overdue (`due_dates`)."""
