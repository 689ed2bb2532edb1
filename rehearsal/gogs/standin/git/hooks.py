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


def environment(
    *,
    user_id: int,
    user_name: str,
    user_email: str,
    owner: str,
    owner_salt_md5: str,
    repository_id: int,
    name: str,
    path: Path,
) -> dict[str, str]:
    """What the hooks of a push know about it. Without SSH_ORIGINAL_COMMAND they do nothing."""
    return {
        "SSH_ORIGINAL_COMMAND": "1",
        "GOGS_AUTH_USER_ID": str(user_id),
        "GOGS_AUTH_USER_NAME": user_name,
        "GOGS_AUTH_USER_EMAIL": user_email,
        "GOGS_REPO_OWNER_NAME": owner,
        "GOGS_REPO_OWNER_SALT_MD5": owner_salt_md5,
        "GOGS_REPO_ID": str(repository_id),
        "GOGS_REPO_NAME": name,
        "GOGS_REPO_CUSTOM_HOOKS_PATH": str(path / "custom_hooks"),
    }
