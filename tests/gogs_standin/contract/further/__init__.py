"""Record responses that matter to a migration beyond record.py: refusals, second factors, races, headers, sessions.

`record_all` queries a Gogs that has just been created and has one administrator; the same on a real one and on the stand-in.
It needs its database as well: some of these states have no API (a second factor, a login that is prohibited, a row that is
locked). Each module records one subject.
"""

from __future__ import annotations

from tests.gogs_standin.contract.further import (
    administration,
    deploy_keys,
    issues,
    large_files,
    pages,
    permissions,
    prohibited_login,
    protected_branches,
    second_factor,
    ssh_sessions,
    webhooks,
)
from tests.gogs_standin.contract.further.site import Json, Site
from tests.gogs_standin.contract.further.world import World

RECORDERS = (
    protected_branches.record_protected_branches,
    issues.record_two_writers_of_an_issue,
    deploy_keys.record_deploy_keys,
    permissions.record_permissions,
    ssh_sessions.record_ssh_sessions,
    large_files.record_lfs,
    issues.record_lists,
    pages.record_files,
    pages.record_pages,
    webhooks.record_webhooks,
    administration.record_admin_commands,
    second_factor.record_second_factor,
    prohibited_login.record_prohibited_login,
)
"""in the order of the recording: a recorder builds on the users, keys and repositories of those before it"""


def record_all(site: Site) -> dict[str, Json]:
    """Return every recorded response by its name."""
    world = World(site)
    for record in RECORDERS:
        record(world)
    return site.responses
