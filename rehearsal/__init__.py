"""The rehearsal: the real stacks and workflows on one machine, with no AWS account.

`aws_rehearsal` is the embedded AWS, `rehearsal.bank` the data that is lost and brought back, `rehearsal.scenarios`
what is broken and how it is judged. This package may import anything; nothing imports it.
"""
