"""Digest the application itself on a machine: its program, and the settings that are the site's own.

A target has the program from the image of the test launch, and the settings from the site's secret. It would lose a change
that was made on the source since. The settings include passwords, so a digest is keyed with the site's secret key: nobody can
test guesses with it.
"""

from __future__ import annotations

import hashlib
import hmac

from cutover_site.application import load_behavior
from cutover_site.errors import NotChecked
from cutover_site.files.digest import digest_tree
from cutover_site.files.lines import arrange
from cutover_site.launch.configuration import describe_source
from cutover_site.layout import Layout
from cutover_site.machine import Machine


def digest_program(machine: Machine) -> dict[str, str]:
    """Return values that are equal on the source and on a target exactly when their applications are equal.

    Raises NotChecked when something cannot be read.
    """
    application = machine.layout.application
    behavior, rules = load_behavior(application), application.secret
    is_source = machine.has_role("source-app")
    secret = machine.read_site_secret(machine.config.site_secret if is_source else "")
    key = secret[rules.key].encode()
    try:
        inherited = (
            behavior.find_inherited(machine.layout, describe_source(machine))
            if is_source
            else {name: secret.get(name, "") for name in rules.inherited}
        )
        found = digest_entries(machine.layout)
    except OSError as error:
        raise NotChecked(f"{application.title}'s program cannot be compared: {error}") from error
    common = {name: _sign(key, text) for name, text in behavior.describe_inherited(inherited).items()}
    lines = {name: _sign_line(key, text) for name, text in found.items()}
    return {**common, **arrange(lines, application.program.root)}


def digest_entries(layout: Layout) -> dict[str, str]:
    """Return the digest of each entry of the program (`files.digest.digest_tree`), by its path below the root of the disk.

    Raises OSError.
    """
    program = layout.application.program
    base = layout.root / program.root
    opened = [base / folder for folder in program.opened]
    left_out = {path for pattern in program.left_out for path in base.glob(pattern)} | {*opened}
    found = sorted(path for folder in opened if folder.is_dir() for path in folder.iterdir())
    others = sorted({path for pattern in program.files for path in layout.root.glob(pattern)})
    kept = [path for path in others if path.is_file() and not path.is_symlink()]
    # The destination of a link belongs to the program too, because the image includes it.
    return {
        str(path.relative_to(layout.root)): digest_tree(path.resolve())
        for path in [*(path for path in found if path not in left_out), *kept]
    }


def _sign_line(key: bytes, text: str) -> str:
    size, _, digest = text.rpartition(", ")
    return f"{size}, {_sign(key, digest)}"


def _sign(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]
