"""Decide whether a public name has moved to the target. Pure."""

from __future__ import annotations

from collections.abc import Collection


def has_moved(addresses: Collection[str], balancer: Collection[str]) -> bool:
    """Return whether a name leads to its load balancer alone. A name or a load balancer without an address has not moved."""
    return bool(addresses) and bool(balancer) and set(addresses) <= set(balancer)


def describe_change(name: str, balancer: str, addresses: Collection[str]) -> str:
    """Return what the owner of the zone must do, as what a run waits for."""
    now = ", ".join(sorted(addresses)) or "no address"
    return (
        f"the A, AAAA and CNAME records of {name} to be replaced by one CNAME record with the value {balancer} "
        f"(by an alias of it if {name} is the apex of its zone); the name leads to {now} now"
    )
