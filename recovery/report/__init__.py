"""The auditor's report: promises against measurements, from the records of evidence; what has no record is unproved.

`gathering` reads, `measured`, `routes` and `controls` judge, `auditing` puts it together, `page` and `tables` write it down.
"""
