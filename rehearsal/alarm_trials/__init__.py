"""Every alarm of the deployed table, shown to go off for its cause and to be silent without one, on the virtual clock.

`causes` breaks things and repairs them, `trial` lets time pass and judges. Used by the tests, and for 30 days by `make bench`.
"""
