"""Inject faults into the local AWS, for scenarios that fail one step each.

kinds.py       the kinds of faults, and the events that each hits
functions.py   invocations of Lambda by any caller
requests.py    calls of any service's API
messages.py    second deliveries of messages
machines.py    images and instances
control.py     /_rehearsal/faults of the AWS port
client.py      the client for Python; `python -m rehearsal.aws.faults` is the client for a shell
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.aws.control import Control
    from rehearsal.aws.faults.kinds import Faults
    from rehearsal.aws.registry import Registry


def install(faults: Faults, registry: Registry, control: Control) -> None:
    """Install the faults. Call it after all services are registered. Faults of machines are installed in rehearsal.aws.ec2.lifecycle."""
    # A client that only injects faults must not import ministack.
    from rehearsal.aws.faults.control import FaultControl
    from rehearsal.aws.faults.functions import FunctionFaults
    from rehearsal.aws.faults.messages import MessageFaults
    from rehearsal.aws.faults.requests import RequestFaults

    FunctionFaults(registry, faults)
    MessageFaults(registry, faults)
    RequestFaults(registry, faults)
    control.add("faults", FaultControl(faults))
