"""The applications that Cutover can migrate, one folder each. Stacks, functions, the tool on the machines and the rehearsal load them by name.

Uses only Python 3.9 and its standard library, because this folder is copied to the machines and into the bundle of each function.
"""

from __future__ import annotations

import importlib
import pkgutil
import re

from applications.profile import Profile

DEFAULT = "gogs"
"""the application of a migration.toml or site.json that names none"""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class UnknownApplication(Exception):
    """There is no profile with that name. The message has the names that exist."""


def load(name: str) -> Profile:
    """Return the profile of the application `name`. Raises UnknownApplication."""
    if not _NAME.fullmatch(name) or name not in list_names():
        raise UnknownApplication(f"application {name!r} is not known; known: {', '.join(list_names())}")
    found = importlib.import_module(f"applications.{name}.profile").PROFILE
    assert isinstance(found, Profile)
    return found


def list_names() -> list[str]:
    """Return the names of all applications, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
