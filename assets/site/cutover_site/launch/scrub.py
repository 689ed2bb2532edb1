"""Remove secrets from text that leaves a machine: the site's known values, and text that looks like a secret."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import quote, quote_plus

from applications.profile import Logs

REMOVED = "[removed]"
SHORTEST = 4
"""characters; shorter values are not replaced, because they would match in almost every line"""

# Every repetition is bounded: a log may be one long word, and the search must not need quadratic time.
SENSITIVE = (
    r"pass(?:wd|word|phrase)?|pwd|secret[\w-]{0,30}|[\w-]{0,30}(?:token|password|passwd|secret|key)"
    r"|salt|credentials?|sid|x-amz-signature"
)
HEADERS = r"(?:proxy-)?authorization|(?:set-)?cookie|x-csrf-token|private-token|x-api-key"
VALUE = r"(?:\\?\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|`[^`\n]*`|[^\s\"'&,;<>]+)"


@cache
def list_patterns(logs: Logs) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return patterns of secrets, each with its replacement. `logs` adds the application's names for secrets."""
    sensitive = "|".join((SENSITIVE, *map(re.escape, logs.sensitive)))
    headers = "|".join((HEADERS, *map(re.escape, logs.headers)))
    return (
        # A PEM block, also one without its beginning or its end.
        (re.compile(r"\A(?:(?!-----BEGIN ).)*?-----END [A-Z0-9 ]{1,40}-----", re.DOTALL), REMOVED),
        (
            re.compile(
                r"-----BEGIN [A-Z0-9 ]{1,40}-----(?:(?!-----BEGIN ).)*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)", re.DOTALL
            ),
            REMOVED,
        ),
        (re.compile(rf"(?im)\b({headers})(\"?\s{{0,5}}[:=]\s{{0,5}})[^\r\n]*"), rf"\1\2{REMOVED}"),
        # https://user:password@host, and https://token@host
        (re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]{0,20}://)[^\s/@\"'<>]{1,500}@"), rf"\1{REMOVED}@"),
        # user:password@tcp(host:3306), as Go's database driver writes it
        (re.compile(r"[^\s:/@\"']{1,80}:[^\s\"']{1,200}@(tcp|unix)\("), rf"{REMOVED}@\1("),
        (re.compile(r"(?i)\b(basic|bearer|token)(\s{1,5})[A-Za-z0-9+/=._~-]{8,}"), rf"\1\2{REMOVED}"),
        (re.compile(rf"(?i)\b((?:{sensitive}))(\\?[\"'`]?\s{{0,5}}[:=]\s{{0,5}}){VALUE}"), rf"\1\2{REMOVED}"),
        (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), REMOVED),
        (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}\b"), REMOVED),
    )


def scrub(text: str, secrets: Iterable[str], logs: Logs) -> str:
    """Return `text` without the values of `secrets`, in every encoding that a log may use, and without text that looks like a secret."""
    wanted = {form for secret in secrets if len(secret) >= SHORTEST for form in _list_encodings(secret)}
    for form in sorted(wanted, key=len, reverse=True):
        text = text.replace(form, REMOVED)
    for pattern, replacement in list_patterns(logs):
        text = pattern.sub(replacement, text)
    return text


def _list_encodings(secret: str) -> Iterator[str]:
    """Yield the encodings of a value.

    It yields each line of a key separately too, because a log may indent lines.
    """
    yield from (line for line in secret.splitlines() if len(line) >= SHORTEST)
    escaped = json.dumps(secret)[1:-1]
    yield from (secret, escaped, json.dumps(escaped)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted
        yield re.sub("%..", lambda sign: sign[0].lower(), quoted)
    yield html.escape(secret)
    yield html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield html.escape(secret, quote=False)
    yield secret.replace("'", "'\"'\"'")
    yield secret.replace("'", "'\\''")
    yield secret.encode().hex()
    yield secret.encode().hex().upper()
    for raw in (secret.encode(), escaped.encode()):
        for shift in range(3):  # inside a longer text, without the characters that depend on its neighbours
            text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
            certain = text[-(-shift * 8 // 6) : len(text) if (shift + len(raw)) % 3 == 0 else -1]
            if len(certain) >= SHORTEST:
                yield certain
                yield certain.replace("+", "-").replace("/", "_")
