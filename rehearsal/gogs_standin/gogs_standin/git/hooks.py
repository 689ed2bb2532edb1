"""The three hooks of each bare repository: two lines, which name the binary and app.ini by absolute path."""

from __future__ import annotations

from pathlib import Path

from ..config.config import Config

_ARGUMENTS = {"pre-receive": "", "update": " $1 $2 $3", "post-receive": ""}


def write(config: Config, repository: Path) -> None:
    """Idempotent."""
    folder = repository / "hooks"
    folder.mkdir(exist_ok=True)
    for name, arguments in _ARGUMENTS.items():
        hook = folder / name
        hook.write_text(
            f"#!/usr/bin/env bash\n\"{config.binary}\" hook --config='{config.app_ini}' {name}{arguments}\n"
        )
        hook.chmod(0o755)
