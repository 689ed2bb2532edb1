"""Compute when the freeze lease of the source expires and must be renewed."""


def compute_lease_end(sent: float, lease: int) -> float:
    """Return the end of the lease. It counts from before the command was sent, so the source never opens earlier."""
    return sent + lease


def is_renewal_due(now: float, expiry: float, lease: int) -> bool:
    """Return whether less than half is left: enough time for the result and a second try."""
    return expiry - now < lease / 2


def is_lost(now: float, expiry: float) -> bool:
    """Return whether the lease has expired."""
    return now >= expiry
