"""The shapes in which a secret may be written down."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape


def list_forms(value: str) -> dict[bytes, str]:
    """Return the bytes to search for -> name of the form. Equal forms appear once.

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
        ("URL, small letters", _lower_escapes(quote(value, safe=""))),
        ("URL form, small letters", _lower_escapes(quote_plus(value))),
        ("HTML", html.escape(value)),
        ("HTML, decimal", html.escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")),
        ("XML", escape(value)),
        ("shell", value.replace("'", "'\"'\"'")),
        ("shell, backslash", value.replace("'", r"'\''")),
        ("hexadecimal", raw.hex()),
        ("hexadecimal", raw.hex().upper()),
    ):
        found.setdefault(text.encode(), name)
    for before, name in ((raw, "base64"), (escaped.encode(), "base64 of JSON")):
        for certain in _encode_base64(before):
            found.setdefault(certain.encode(), name)
            found.setdefault(certain.replace("+", "-").replace("/", "_").encode(), f"{name} for URLs")
    return found


def _encode_base64(raw: bytes) -> Iterator[str]:
    """Yield the base64 text at each of the three offsets, without the characters that depend on neighbouring bytes."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        yield text[-(-shift * 8 // 6) :] if (shift + len(raw)) % 3 == 0 else text[-(-shift * 8 // 6) : -1]


def _lower_escapes(quoted: str) -> str:
    return re.sub("%..", lambda sign: sign[0].lower(), quoted)
