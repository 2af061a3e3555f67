"""How every page is made: one environment, one base page with one style, one Gantt and one line chart. Start at `environment`."""
