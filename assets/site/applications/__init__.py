"""The applications that Cutover can migrate, one folder each. Stacks, functions, the tool on the machines and the rehearsal load them by name.

Python 3.9 with its standard library: the folder is copied to the machines, and into each function's bundle.
"""

from __future__ import annotations

import importlib
import pkgutil
import re

from applications.profile import Profile

DEFAULT = "gogs"
"""what a migration.toml or a machine's site.json means that names no application"""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class UnknownApplication(Exception):
    """There is no profile of that name. The message names those that there are."""


def load(name: str) -> Profile:
    """Return the profile of the application `name`. Raises UnknownApplication."""
    if not _NAME.fullmatch(name) or name not in names():
        raise UnknownApplication(f"application {name!r} is not known; known: {', '.join(names())}")
    found = importlib.import_module(f"applications.{name}.profile").PROFILE
    assert isinstance(found, Profile)
    return found


def names() -> list[str]:
    """Return the names of all applications, in order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)
