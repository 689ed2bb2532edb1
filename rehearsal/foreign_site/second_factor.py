"""Turn on the second factor of a user through the site's own form, as a person with a phone does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

import requests

from rehearsal.client.site import TIMEOUT_SECONDS, Site, parse_csrf_token

FORM = "/user/settings/security/two_factor_enable"
_SECRET = re.compile(r"<b>([A-Z2-7]{16,})</b>")
_STEP_SECONDS = 30


def compute_passcode(secret: str, moment: float) -> str:
    """Return the six digits that belong to a secret in base32 at this time (RFC 6238, with SHA-1)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment) // _STEP_SECONDS), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def enable_second_factor(site: Site) -> str:
    """Return the secret of the second factor that the account has now. Raises HTTPError or ValueError when the site refuses."""
    session = site.sign_in()
    page = session.get(site.url + FORM, timeout=TIMEOUT_SECONDS)
    page.raise_for_status()
    found = _SECRET.search(page.text)
    if not found:
        raise ValueError("the page of the second factor has no secret")
    form = {"_csrf": parse_csrf_token(page.text), "passcode": compute_passcode(found[1], time.time())}
    done = session.post(site.url + FORM, data=form, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    if done.status_code != requests.codes.found or "two_factor_recovery_codes" not in done.headers["Location"]:
        raise requests.HTTPError(f"the second factor returned {done.status_code}", response=done)
    return found[1]
