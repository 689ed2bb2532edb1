"""When the source's dead man's lease must be renewed, and until when it may be trusted."""


def expires(sent: float, lease: int) -> float:
    """Counted from before the command was sent: the source counts from when it got it, so it never opens earlier than this."""
    return sent + lease


def needs_renewal(now: float, expiry: float, lease: int) -> bool:
    """When less than half is left, which leaves time for the answer and for another try."""
    return expiry - now < lease / 2


def is_lost(now: float, expiry: float) -> bool:
    return now >= expiry
