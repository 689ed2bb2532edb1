"""Write the three hooks of each bare repository. Each names the binary and app.ini by absolute path."""

from __future__ import annotations

from pathlib import Path

from ..config.config import Config

_ARGUMENTS = {"pre-receive": "", "update": " $1 $2 $3", "post-receive": ""}


def write(config: Config, repository: Path) -> None:
    """Write or replace the hooks. It is safe to repeat; hooks of other names stay."""
    folder = repository / "hooks"
    folder.mkdir(exist_ok=True)
    for name, arguments in _ARGUMENTS.items():
        hook = folder / name
        hook.write_text(
            f"#!/usr/bin/env bash\n\"{config.binary}\" hook --config='{config.app_ini}' {name}{arguments}\n"
        )
        hook.chmod(0o755)
