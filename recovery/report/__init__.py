"""The auditor's report: promises against measurements, from the records of evidence; what has no record is unproved.

`sources` reads, `promise_results`, `routes` and `controls` judge, `report` puts it together, `page` and `tables` write it down.
"""
