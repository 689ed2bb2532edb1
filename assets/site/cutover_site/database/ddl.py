"""Rewrite SHOW CREATE TABLE of one product for another. Pure.

This is only for creating tables; they are compared by `description`, never as text. The result names the character set and collation of each
column and table, because the default collation of a character set differs between servers and versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cutover_site.database.collations import get_character_set
from cutover_site.database.products import Product

TOKEN = re.compile(r"""'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|"(?:[^"\\]|\\.|"")*"|/\*.*?\*/|\w+|\s+|.""", re.DOTALL)
OPTION = re.compile(
    r"(?:DEFAULT\s+)?`?(?P<name>\w+)`?\s*=\s*(?P<value>'(?:[^'\\]|\\.|'')*'|\w+|\([^)]*\))", re.IGNORECASE
)
DROPPED_OPTIONS = {"AUTO_INCREMENT", "CHARSET", "COLLATE", "STATS_PERSISTENT"}
"""the next number follows from the rows; character set and collation are written again"""
MARIADB_OPTIONS = {"PAGE_CHECKSUM", "TRANSACTIONAL", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "ENCRYPTED", "ENCRYPTION_KEY_ID"}  # fmt: skip
MARIADB_FORMATS = {"FIXED", "PAGE"}
PLAIN_DEFAULTS = {"NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "NOW"}


def translate(
    statement: str, collations: Mapping[str, str], table_collation: str, source: Product, target: Product
) -> str:
    """Return the statement for `target`. `collations`: the collation of each column that has one."""
    tokens = TOKEN.findall(statement)
    first = tokens.index("(")
    items, rest = _split_items(tokens, first + 1)
    lines = [_translate_item(item, collations, source, target) for item in items]
    options = _translate_options("".join(tokens[rest:]), table_collation, source, target)
    return f"{''.join(tokens[:first])}(\n" + ",\n".join(f"  {line.strip()}" for line in lines) + f"\n) {options}"


def _split_items(tokens: list[str], start: int) -> tuple[list[list[str]], int]:
    """Return the definitions between the parentheses, and the index of the table's options."""
    items: list[list[str]] = [[]]
    depth = 1
    for number in range(start, len(tokens)):
        token = tokens[number]
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0:
            return items, number + 1
        if token == "," and depth == 1:
            items.append([])
        else:
            items[-1].append(token)
    raise ValueError("the parentheses of the statement are not closed")


def _translate_item(item: list[str], collations: Mapping[str, str], source: Product, target: Product) -> str:
    hidden = "INVISIBLE" if (item[1:2] and item[1].startswith("`")) or item[0].startswith("`") else "IGNORED"
    tokens = []
    for token in item:
        if not _is_foreign_comment(token, source, target):
            tokens.append(token)
        elif "INVISIBLE" in token:  # of a column or index; MariaDB calls such an index ignored
            tokens.append(hidden)
    while tokens and tokens[0].isspace():
        tokens.pop(0)
    if not tokens or not tokens[0].startswith("`"):
        return "".join("INVISIBLE" if token == "IGNORED" and target.mysql else token for token in tokens)
    name = tokens[0][1:-1].replace("``", "`")
    kind, rest = _split_type(tokens[1:])
    attributes = "".join(_translate_attributes(rest, wrap=target.mysql and not source.mysql))
    collation = collations.get(name)
    charset = f" CHARACTER SET {get_character_set(collation)} COLLATE {collation}" if collation else ""
    return f"{tokens[0]}{kind}{charset}{attributes}"


def _split_type(tokens: list[str]) -> tuple[str, list[str]]:
    """Return the type with the parentheses after it, and the attributes."""
    end = next(number for number, token in enumerate(tokens) if not token.isspace()) + 1
    if end < len(tokens) and tokens[end] == "(":
        end = _find_closing(tokens, end) + 1
    if any(token.startswith("/*M!") and "COMPRESSED" in token for token in tokens[end : end + 2]):
        end += 2
    return "".join(tokens[:end]), tokens[end:]


def _translate_attributes(tokens: list[str], *, wrap: bool) -> Iterator[str]:
    """Yield the attributes without character set and collation. `wrap`: put a default that is a function call in parentheses, as MySQL requires."""
    words = iter(range(len(tokens)))
    for number in words:
        token = tokens[number].upper()
        if token == "(":  # an expression: the words in it are not attributes
            closing = _find_closing(tokens, number)
            yield "".join(tokens[number : closing + 1])
            _skip(words, closing - number)
        elif token == "COLLATE" or (token == "CHARACTER" and _find_word(tokens, number + 1) == "SET"):
            _skip(words, 2 if token == "COLLATE" else 4)
        elif token == "DEFAULT" and wrap and (call := _end_of_call(tokens, number)):
            yield f"DEFAULT ({''.join(tokens[number + 1 : call + 1]).strip()})"
            _skip(words, call - number)
        else:
            yield tokens[number]


def _skip(words: Iterator[int], count: int) -> None:
    for _ in range(count):
        next(words, None)


def _find_word(tokens: list[str], start: int) -> str:
    return next((token.upper() for token in tokens[start:] if not token.isspace()), "")


def _end_of_call(tokens: list[str], default: int) -> int | None:
    """Return the index of the `)` of `DEFAULT function(…)`, None when the default is no call."""
    at = default + 2
    if at + 1 >= len(tokens) or not tokens[at].isidentifier() or tokens[at].upper() in PLAIN_DEFAULTS:
        return None
    return _find_closing(tokens, at + 1) if tokens[at + 1] == "(" else None


def _find_closing(tokens: list[str], opening: int) -> int:
    depth = 0
    for number in range(opening, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[number], 0)
        if depth == 0:
            return number
    raise ValueError("a parenthesis is not closed")


def _translate_options(text: str, collation: str, source: Product, target: Product) -> str:
    kept: list[str] = []
    position = len(text) - len(text.lstrip())
    while found := OPTION.match(text, position):
        name = found["name"].upper()
        foreign = target.mysql and not source.mysql and _is_of_mariadb(name, found["value"].upper())
        if name not in DROPPED_OPTIONS and not foreign:
            kept.append(found[0])
        position = found.end() + len(text[found.end() :]) - len(text[found.end() :].lstrip())
    kept.append(f"DEFAULT CHARSET={get_character_set(collation)} COLLATE={collation}")
    rest = [
        token
        for token in TOKEN.findall(text[position:])
        if not _is_foreign_comment(token, source, target, keep="PARTITION")
    ]
    return f"{' '.join(kept)} {''.join(rest)}".strip()


def _is_of_mariadb(name: str, value: str) -> bool:
    return name in MARIADB_OPTIONS or (name == "ROW_FORMAT" and value in MARIADB_FORMATS)


def _is_foreign_comment(token: str, source: Product, target: Product, keep: str = "") -> bool:
    """Return whether a comment is for the other product. MariaDB runs the comments that MySQL writes for its version 8, and fails."""
    if source.mysql == target.mysql or not token.startswith("/*"):
        return False
    return not (keep and keep in token.upper() and not token.startswith("/*M"))
