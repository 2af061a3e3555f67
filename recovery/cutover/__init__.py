"""Cutover and planned failover: the switch, its metric, who takes over. No call of Route 53, none to a lost region."""
