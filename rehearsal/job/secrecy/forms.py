"""The shapes in which a secret may be written down."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus


def forms(value: str) -> dict[bytes, str]:
    """Bytes to look for -> name of the form. Equal forms appear once.

    Base64 is searched at all three places that a value may have in a longer text, without the characters that its neighbours
    decide.
    """
    raw = value.encode()
    found: dict[bytes, str] = {}
    escaped = json.dumps(value)[1:-1]
    for name, text in (
        ("plain", value),
        ("JSON", escaped),
        ("JSON in JSON", json.dumps(escaped)[1:-1]),
        ("JSON, not ASCII", json.dumps(value, ensure_ascii=False)[1:-1]),
        ("URL", quote(value, safe="")),
        ("URL path", quote(value)),
        ("URL form", quote_plus(value)),
        ("HTML", html.escape(value)),
        ("hexadecimal", raw.hex()),
        ("hexadecimal", raw.hex().upper()),
    ):
        found.setdefault(text.encode(), name)
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        certain = text[-(-shift * 8 // 6) :] if (shift + len(raw)) % 3 == 0 else text[-(-shift * 8 // 6) : -1]
        found.setdefault(certain.encode(), "base64")
        found.setdefault(certain.replace("+", "-").replace("/", "_").encode(), "base64 for URLs")
    return found
