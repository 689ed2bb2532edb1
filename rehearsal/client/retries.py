"""Try a write as a person does: once more where the site returns an error of its own, and no more than that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rehearsal.client.ledger import Ledger, Operation
from rehearsal.client.refusals import SITE_ERROR


def write(
    ledger: Ledger, kind: str, host: str, wanted: Mapping[str, str], act: Callable[[Operation], None]
) -> Operation:
    """Return the last of the operations in the ledger. `act` does the write and adds to `wanted` what the response contains."""
    for retry in (False, True):
        with ledger.time_operation(kind, host) as operation:
            operation.wanted, operation.retry = dict(wanted), retry
            act(operation)
            operation.acknowledged = True
        if operation.refusal != SITE_ERROR:
            break
    return operation
