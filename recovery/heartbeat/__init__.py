"""Writing the heartbeat of every store that this region's application uses. What a heartbeat says is `verify.heartbeat`'s."""
