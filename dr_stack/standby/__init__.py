"""The landing zone of a region: what must be there before anything can be restored, and costs nothing while it waits."""
