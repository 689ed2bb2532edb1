"""Make images and instances fail."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from fnmatch import fnmatchcase

from rehearsal.aws.faults.kinds import Faults, of_kind
from rehearsal.errors import RehearsalError

_log = logging.getLogger(__name__)


class MachineFaults:
    """Applies faults to the creation of images and to running instances."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def image(self, name: str) -> None:
        """Apply a fault to an image that is complete: wait, or raise RehearsalError."""
        if slow := self._faults.meet(of_kind("image-slow", lambda one: fnmatchcase(name, one.image))):
            self._faults.hold(slow, slow.seconds)
        if failure := self._faults.meet(of_kind("image-fails", lambda one: fnmatchcase(name, one.image))):
            raise RehearsalError(failure.message or "Client.InternalError: Client error on image creation")

    def runs(self, instance: str, role: str, kill: Callable[[], None]) -> None:
        """Apply a fault to an instance that is now `running`: cut its power after some time, unless the fault is cleared before."""
        fault = self._faults.meet(of_kind("instance-dies", lambda one: fnmatchcase(role, one.role)))
        if fault is None:
            return

        def die() -> None:
            if not self._faults.hold(fault, fault.seconds):
                _log.info("fault %d: %s (%s) loses its power", fault.id, instance, role)
                kill()

        threading.Thread(target=die, name=f"fault-{fault.id}-{instance}", daemon=True).start()
