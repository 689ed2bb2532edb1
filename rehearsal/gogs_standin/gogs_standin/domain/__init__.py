"""Users, repositories and issues as rows and files.

Every function takes the session of one transaction.
"""
