"""List the checks of Gogs, in the order of their report.

Concurrent checks must not write the same rows at the same time: a check that writes rows of the acceptance user's
repositories holds `GogsSession.writing`.
"""

from __future__ import annotations

from cutover_site.acceptance.suite import Check, Suite
from cutover_site.gogs.acceptance import cleanup
from cutover_site.gogs.acceptance.checks import (
    api,
    attachment,
    clone,
    health,
    hooks,
    issue,
    lfs,
    login,
    migrated,
    push,
    ssh,
    ssh_clone,
    ssh_refusal,
    token,
)
from cutover_site.gogs.acceptance.open_session import complete_session
from cutover_site.gogs.acceptance.session import GogsSession

SUITE: Suite[GogsSession] = Suite(
    checks=(
        Check("health", health.check, required=True),
        Check("login", login.check, required=True),
        Check("token", token.check, required=True),
        Check("api", api.check, required=True, after=("token", "login")),
        # These check program, network and files, which the comparison of files covers: the result is the same on the scratch copy.
        Check("hooks", hooks.check, on_live_data=False),
        Check("clone", clone.check, on_live_data=False),  # `push` clones the live data
        Check("push", push.check, builds_on="clone"),
        Check("lfs", lfs.check),
        Check("ssh", ssh.check),
        Check("ssh_clone", ssh_clone.check, builds_on="ssh", on_live_data=False),
        Check("ssh_refusal", ssh_refusal.check, on_live_data=False),
        Check("issue", issue.check),
        Check("attachment", attachment.check),
        Check("migrated", migrated.check, after=("ssh", "push"), on_live_data=False, local_only=True),
    ),
    clean_up=cleanup.clean_up,
    clean_up_all=cleanup.clean_up_all,
    prepare=complete_session,
)
