"""Find the nearest collation of MySQL for one of MariaDB, and the reverse. Pure, except `list_collations`.

Names: mariadb.com/kb "Supported Character Sets and Collations", MySQL 8.4 manual 12.10.1. `nopad` means that trailing spaces count, as in all
`0900` collations.
"""

from __future__ import annotations

import re
from collections.abc import Container

from cutover_site.database.connections import Connection, fetch_rows

UCA1400 = re.compile(r"^(utf8mb[34])_uca1400(?:_([a-z]+2?))??(_nopad)?_(a[is])_(c[is])$")
UCA0900 = re.compile(r"^utf8mb4_(?:([a-z]+(?:_(?:pb|trad))?)_)?0900_(a[is])_(c[is])$")
LANGUAGES = {
    "croatian": "hr", "czech": "cs", "danish": "da", "esperanto": "eo", "estonian": "et", "german2": "de_pb", "hungarian": "hu",
    "icelandic": "is", "latvian": "lv", "lithuanian": "lt", "polish": "pl", "roman": "la", "romanian": "ro", "slovak": "sk",
    "slovenian": "sl", "spanish": "es", "spanish2": "es_trad", "swedish": "sv", "turkish": "tr", "vietnamese": "vi",
}  # fmt: skip
"""MariaDB's name of a language, and MySQL's code"""
WORDS = {code: word for word, code in LANGUAGES.items()}
SINGLE = {
    "utf8mb4_unicode_nopad_ci": ("utf8mb4_0900_ai_ci",),
    "utf8mb4_unicode_520_nopad_ci": ("utf8mb4_0900_ai_ci",),
    "utf8mb4_nopad_bin": ("utf8mb4_0900_bin",),
    "utf8mb4_0900_bin": ("utf8mb4_nopad_bin",),
}


def normalize(name: str) -> str:
    """Return the name with its character set as utf8mb3, which older servers call utf8."""
    return f"utf8mb3{name[4:]}" if name.startswith("utf8_") else name


def get_character_set(collation: str) -> str:
    """Return the character set that a collation belongs to."""
    return collation.split("_", 1)[0]


def has_significant_spaces(name: str) -> bool:
    """Return whether trailing spaces count in a comparison by this collation."""
    return "nopad" in name or "_0900_" in name or name == "binary"


def find_nearest(name: str, available: Container[str]) -> str | None:
    """Return the collation itself, or the nearest one that is in `available`; None when there is none."""
    name = normalize(name)
    return next((found for found in (name, *_list_candidates(name)) if found in available), None)


def _list_candidates(name: str) -> tuple[str, ...]:
    if found := UCA1400.match(name):
        charset, language, _, accents, case = found.groups()
        if charset == "utf8mb3":
            return ("utf8mb3_unicode_520_ci",) if (language, accents, case) == (None, "ai", "ci") else ()
        if language and language not in LANGUAGES:
            return ()
        code = f"{LANGUAGES[language]}_" if language else ""
        return (f"utf8mb4_{code}0900_{accents}_{case}",)
    if found := UCA0900.match(name):
        language, accents, case = found.groups()
        if language and language not in WORDS:
            return ()
        word = f"{WORDS[language]}_" if language else ""
        older = ("utf8mb4_unicode_520_nopad_ci",) if (language, accents, case) == (None, "ai", "ci") else ()
        return (f"utf8mb4_uca1400_{word}nopad_{accents}_{case}", *older)
    return SINGLE.get(name, ())


def list_collations(connection: Connection) -> frozenset[str]:
    """Return the server's collations. Since MariaDB 10.10 a name without a character set stands for several."""
    names = {
        str(name) for (name,) in fetch_rows(connection, "SELECT collation_name FROM information_schema.collations")
    }
    full = fetch_rows(
        connection,
        "SELECT 1 FROM information_schema.columns WHERE table_schema = 'information_schema'"
        " AND LOWER(table_name) = 'collation_character_set_applicability' AND LOWER(column_name) = 'full_collation_name'",
    )
    if full:
        query = "SELECT full_collation_name FROM information_schema.collation_character_set_applicability"
        names |= {str(name) for (name,) in fetch_rows(connection, query)}
    return frozenset(normalize(name) for name in names)
