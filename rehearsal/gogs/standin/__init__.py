"""A stand-in for Gogs 0.14.3: its commands, configuration, tables, addresses and files, as far as a migration touches them.

Runs as a zipapp on Python 3.11 of Debian 12 with git, bash and OpenSSH; everything else is inside the archive.
"""

VERSION = "0.14.3"
