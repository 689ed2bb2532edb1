"""A Gogs that somebody else installed: on premises, behind nginx, with its database on the same server.

Nothing here knows what migrates it. The scripts are those of its owner; the account of AWS is prepared as docs/your-own-site.md asks.
"""
