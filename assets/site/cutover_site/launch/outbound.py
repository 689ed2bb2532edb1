"""Hold the outbound work of a target from the activation of the live data until the commit.

A target that may still be rolled back must send nothing, because the source, which then continues, would send it too.
"""

from __future__ import annotations

import logging
from pathlib import Path

from cutover_site.application import load_behavior
from cutover_site.aws.run_record import COMMIT, RunRecordUnreachable
from cutover_site.errors import SiteError
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system import textfiles

LOG = logging.getLogger(__name__)


def hold_until_commit(machine: Machine) -> int:
    """Hold waiting outbound work before the application starts on the live data. Return the number of items.

    It returns 0 when the commit was made. It holds the work also when it cannot find out whether the commit was made.
    Afterwards `is_release_due` returns True.
    """
    textfiles.replace(_get_marker_path(machine.layout), "What was held is due once the run is committed.\n")
    if _is_committed(machine):
        return 0
    return load_behavior(machine.layout.application).hold_target_outbound(machine)


def release_after_commit(machine: Machine) -> int:
    """Send what was held, through the running application of this machine. Return the number of items.

    It returns 0 while the commit is not known. It is safe to repeat. Raises SiteError when the application cannot send; the
    items stay held, and the release stays due.
    """
    if not _is_committed(machine):
        return 0
    count = load_behavior(machine.layout.application).release_target_outbound(machine)
    _get_marker_path(machine.layout).unlink(missing_ok=True)
    return count


def is_release_due(layout: Layout) -> bool:
    """Return whether this machine serves the live data and has not yet released the held work."""
    return _get_marker_path(layout).exists()


def _get_marker_path(layout: Layout) -> Path:
    return layout.state / "outbound-held"


def _is_committed(machine: Machine) -> bool:
    try:
        return machine.record.read().decision == COMMIT
    except (RunRecordUnreachable, SiteError) as error:
        LOG.warning("outbound work stays held, the run record cannot be read: %s", error)
        return False
