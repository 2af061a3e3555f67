"""Moving traffic: the switch of each region with its functions and its alarm, and the records that were there before."""
