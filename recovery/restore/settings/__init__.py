"""What a restored store must be like, and making it so.

When the plan is made: `live` reads the old store, `mysql` and `dynamodb` say what is wanted and what nobody can put back. In the
workflow: `put_mysql` and `put_dynamodb` compare the restored store with it, setting by setting, and change only what differs.
"""
