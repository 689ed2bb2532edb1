"""Compute the value that Gogs uses for a raw value: expand environment variables, then replace `%(NAME)s`.

Source: `Key.String` and `Section.GetKey` of gopkg.in/ini.v1 1.67 with os.ExpandEnv as its ValueMapper, as `conf.Init` of Gogs 0.14 sets it.
Gogs reads every setting in this way, except [i18n.datelang], which it takes raw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cutover_site.gogs.ini import DOLLAR, REFERENCE, Ini

TRUE_VALUES = frozenset(("1", "t", "T", "true", "TRUE", "True", "YES", "yes", "Yes", "y", "ON", "on", "On"))
MAX_REPLACEMENTS = 99
_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>[*#$@!?\-0-9](?=\})|[^}]+)\}|(?P<special>[*#$@!?\-0-9])|(?P<bare>[A-Za-z_]\w*)|\{\}?)", re.ASCII
)


def get_effective_value(
    ini: Ini, section: str, key: str, default: str = "", *, environment: Mapping[str, str] | None = None
) -> str:
    """Return the value that Gogs uses.

    `environment`: that of its process. Without it variables other than the unit's own GOGS_DOLLAR count as unset; `list_variables` returns
    their names.
    """
    variables = {**(environment or {}), DOLLAR: "$"}
    found = _find_raw(ini, section, key)
    if found is None:
        return default
    home, raw = found
    return _interpolate(ini, home, key, _VARIABLE.sub(lambda match: variables.get(_get_name(match), ""), raw))


def list_variables(ini: Ini, section: str, key: str) -> list[str]:
    """Return the names of the environment variables in the raw value, without the unit's own GOGS_DOLLAR."""
    found = _find_raw(ini, section, key)
    names = [_get_name(match) for match in _VARIABLE.finditer(found[1])] if found else []
    return [name for name in names if name and name != DOLLAR]


def is_true(ini: Ini, section: str, key: str, *, default: bool = False) -> bool:
    """Return whether a setting is on. Text that Gogs cannot read as on or off is off."""
    return (
        get_effective_value(ini, section, key) in TRUE_VALUES if _find_raw(ini, section, key) is not None else default
    )


def _get_name(match: re.Match[str]) -> str:
    return match["braced"] or match["special"] or match["bare"] or ""


def _find_raw(ini: Ini, section: str, key: str) -> tuple[str, str] | None:
    """Return the section that has the key, and its raw value. [a.b] inherits from [a]; no section inherits from the keys without a section."""
    while True:
        if ini.has(section, key):
            return section, ini.get(section, key)
        if "." not in section:
            return None
        section = section.rpartition(".")[0]


def _interpolate(ini: Ini, section: str, key: str, text: str) -> str:
    for _ in range(MAX_REPLACEMENTS):
        match = REFERENCE.search(text)
        if match is None:
            break
        found = _find_raw(ini, section, match[1])
        if found is None or (found == (section, ini.get(section, key)) and match[1] == key):
            found = _find_raw(ini, "", match[1])
        if found is None:
            break
        text = text.replace(match[0], found[1])
    return text
