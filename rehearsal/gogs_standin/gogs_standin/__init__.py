"""Stand in for Gogs 0.14.3: its commands, configuration, tables, addresses and files, as far as a migration uses them.

It runs as a zipapp on Python 3.11 of Debian 12 with git, bash and OpenSSH; the archive has everything else. It was written
from the recorded contract (tests/gogs_standin/contract). Behavior that is not recorded there is this project's own choice.
"""

VERSION = "0.14.3"
PUSH_VARIABLE = "GOGS_STANDIN_PUSH"
"""passes the hooks of a push its user and repository (`domain.pushes`); without it they record nothing"""
PROTECTED_VARIABLE = "GOGS_STANDIN_PROTECTED"
"""marks a push to a repository with protected branches; without it the hook before a push need not ask the database"""
