"""What Gogs itself is on a machine: its program, templates, public files, ways to log in, settings. A target has them from the image of the
test launch, and its settings from the site's secret; what was changed on the source since would be lost.

Passwords are among it, so a digest is keyed with the site's SECRET_KEY: nobody can try guesses on it.
"""

from __future__ import annotations

import hashlib
import hmac

from cutover_site.errors import NotChecked
from cutover_site.files.digest import digest_tree
from cutover_site.files.lines import arrange
from cutover_site.gogs import home, service
from cutover_site.gogs.ini import parse
from cutover_site.launch.configuration import INHERITED, on_source
from cutover_site.layout import Layout
from cutover_site.machine import Machine

OWN = ("data", "log", "custom/conf/*app.ini*")
"""one machine's own, below the program's folder"""
OPENED = ("", "custom", "custom/conf")
"""folders whose entries are told one by one"""
HOME = "what the user git keeps in its home"
SETTINGS = "settings of app.ini that are the site's own"


def digests(machine: Machine) -> dict[str, str]:
    """On the source and on a target equal exactly when their Gogs are. Raises NotChecked when something cannot be read."""
    source = machine.role == "source-app"
    secret = machine.site_secret(machine.config.site_secret if source else "")
    key = secret["SECRET_KEY"].encode()
    own = service.inherited(machine.layout, on_source(machine)) if source else secret.get(INHERITED, "")
    try:
        found = entries(machine.layout)
        kept = home.pack(machine.layout) if source else secret.get(home.SECRET, "")
    except OSError as error:
        raise NotChecked(f"Gogs's program cannot be compared: {error}") from error
    common = {SETTINGS: _keyed(key, settings(own)), HOME: _keyed(key, home.listing(kept))}
    told = {name: _told(key, text) for name, text in found.items()}
    return {**common, **arrange(told, "opt/gogs")}


def settings(text: str) -> str:
    """The settings of an app.ini whatever their order: one that was set aside and put back has another."""
    sections = parse(text).sections
    return "\n".join(
        sorted(f"{section}\0{name}\0{value}" for section, keys in sections.items() for name, value in keys.items())
    )


def entries(layout: Layout) -> dict[str, str]:
    """Path below the root: what `tree` says of it."""
    base = layout.binary.parent
    left_out = {path for pattern in OWN for path in base.glob(pattern)} | {base / folder for folder in OPENED}
    found = [path for folder in OPENED if (base / folder).is_dir() for path in (base / folder).iterdir()]
    told = [path for path in sorted(found) if path not in left_out]
    # What is behind a link is the program's own all the same: it travels in the image.
    return {str(path.relative_to(layout.root)): digest_tree(path.resolve()) for path in [*told, *home.public(layout)]}


def _told(key: bytes, text: str) -> str:
    size, _, digest = text.rpartition(", ")
    return f"{size}, {_keyed(key, digest)}"


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
