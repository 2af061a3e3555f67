"""The dashboard's body as a page of one's own: metrics read (`metric_data`), drawn and rendered (`page`)."""
