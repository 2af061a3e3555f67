"""DynamoDB: moto's tables, with point-in-time recovery that honours its time and global tables that copy what is written.

No state of its own: a table carries its journal, so what deletes the table (or its region) deletes its history.
"""
