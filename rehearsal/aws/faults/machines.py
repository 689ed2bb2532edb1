"""Inject faults into the creation of images and the start of instances."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase

from rehearsal.aws.faults.kinds import Faults, match_kind
from rehearsal.errors import RehearsalError

_log = logging.getLogger(__name__)


class MachineFaults:
    """Applies faults after CreateImage and after the start of an instance."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def apply_image_faults(self, name: str) -> None:
        """Apply the faults of an image, after all work of CreateImage: wait, or raise RehearsalError."""
        if slow := self._faults.find_hit(match_kind("image-slow", lambda one: fnmatchcase(name, one.image))):
            self._faults.hold(slow, slow.seconds)
        if failure := self._faults.find_hit(match_kind("image-fails", lambda one: fnmatchcase(name, one.image))):
            raise RehearsalError(failure.message or "Client.InternalError: Client error on image creation")

    def apply_running_faults(self, instance: str, role: str, kill: Callable[[], None]) -> None:
        """Kill an instance if a fault hits it, the fault's `seconds` after it is `running`. Clearing the fault before then prevents this."""
        fault = self._faults.find_hit(match_kind("instance-dies", lambda one: fnmatchcase(role, one.role)))
        if fault is None:
            return

        def kill_after_delay() -> None:
            if not self._faults.hold(fault, fault.seconds):
                _log.info("fault %d: %s (%s) is killed", fault.id, instance, role)
                kill()

        threading.Thread(target=kill_after_delay, name=f"fault-{fault.id}-{instance}", daemon=True).start()
