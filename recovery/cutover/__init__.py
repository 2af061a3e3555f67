"""Moving traffic between the regions: the switch, its metric, and the fence. No call of Route 53, none to a lost region."""
