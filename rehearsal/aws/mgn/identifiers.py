"""Ids and ARNs of resources of MGN, and hashes of the secrets that agents and launched machines have."""

from __future__ import annotations

import hashlib
import secrets
import string

from rehearsal.settings import ACCOUNT, REGION

_ALPHABET = string.ascii_lowercase + string.digits


def generate_id(kind: str) -> str:
    """Return an id as MGN makes them: a prefix and seventeen characters."""
    return f"{kind}-{''.join(secrets.choice(_ALPHABET) for _ in range(17))}"


def hash_secret(secret: str) -> str:
    """Return the hash of a secret. Secrets here are long and random, so a plain hash keeps them."""
    return hashlib.sha256(secret.encode()).hexdigest()


def format_arn(kind: str, identifier: str) -> str:
    """Return the ARN of a resource of MGN."""
    return f"arn:aws:mgn:{REGION}:{ACCOUNT}:{kind}/{identifier}"
