"""What is said once: names and ARNs, metrics, alarms, routes, steps, the calendar, the dashboard."""
