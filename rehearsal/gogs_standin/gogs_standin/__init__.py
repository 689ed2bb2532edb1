"""A stand-in for Gogs 0.14.3: its commands, configuration, tables, addresses and files, as far as a migration touches them.

Runs as a zipapp on Python 3.11 of Debian 12 with git, bash and OpenSSH; everything else is inside the archive. Written from
the recorded contract (tests/gogs_standin/contract): what is not recorded there is this project's own.
"""

VERSION = "0.14.3"
PUSH_VARIABLE = "GOGS_STANDIN_PUSH"
"""Tells the hooks of a push whose it is (`domain.pushes`). Without it there is nothing for them to note."""
PROTECTED_VARIABLE = "GOGS_STANDIN_PROTECTED"
"""Tells the hook before a push that the repository has protected branches, so that it starts fast where there are none."""
