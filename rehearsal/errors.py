"""Errors that end a command of the rehearsal.

RehearsalError        the message is one sentence for the operator: what happened and what to do (exit code 1)
  UsageError          an option or an environment variable has an impossible value; nothing was started (exit code 2)
  MachineError        about one machine
    MachineNotFound   nothing runs under this id, role or name
    MachineTimeout    a command on the machine exceeded its time limit
"""


class RehearsalError(Exception):
    """One clear sentence: what happened, and what the operator can do."""


class UsageError(RehearsalError):
    """An option or an environment variable has an impossible value."""


class MachineError(RehearsalError):
    """Something about one machine."""

    def __init__(self, machine: str, message: str) -> None:
        super().__init__(f"machine {machine}: {message}")
        self.machine = machine


class MachineNotFound(MachineError):
    """No machine of this world runs under the given id, role or name."""


class MachineTimeout(MachineError):
    """The machine did not boot, stop or respond within its time limit."""
