"""Bounds of the attempts to stop source writes. The freeze uses them, and the settings check the limits against them."""

ATTEMPTS_MARGIN_SECONDS = 30
"""of the limit `stop_writes`: what the source needs besides its attempts, and the way of the command and its result"""
ATTEMPTS_SHARE_OF_LEASE = 2 / 3
"""of `freeze_lease`: the attempts leave the rest, in which the next step renews the lease"""
