"""A server that somebody else installed: read what is there, and find what would stop its migration. Nothing in this package changes the machine.

It imports neither boto3 nor requests, because it runs on a machine on which nothing was installed for a migration.
"""
