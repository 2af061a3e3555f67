"""The calendar's duties: what each looks at (`looking`), when the last was done and whether the next is overdue (`standing`)."""
