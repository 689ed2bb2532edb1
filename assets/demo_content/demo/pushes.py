"""Creation of commits, and their push over HTTP."""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from demo import lfs, plan
from demo.site import Site

_TIMEOUT_SECONDS = 300
_FIRST_COMMIT_TIME = 1_700_000_000
"""time of the first commit (Unix, seconds); it is fixed, so that the same content always has the same commits"""


def push_commits(site: Site, repository: plan.Repository) -> None:
    """Push the commits of a repository: master with one commit for each file, one branch with another commit, and a tag.

    Raises CalledProcessError when git fails.
    """
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        tree = Path(folder) / "tree"
        git = _Git(site, repository, tree, Path(folder) / "credentials")
        git("init", "-q", "-b", "master", str(tree), cwd=Path(folder))
        for number, (name, text) in enumerate(repository.files.items()):
            _write(tree / name, text.encode())
            git.commit(f"Add {name}", number)
        if repository.big_file_bytes:
            _write(tree / "big.bin", generate_noise(repository.full_name, repository.big_file_bytes))
            git.commit("Add a big file", 3)
        if repository.lfs_object_bytes:
            content = generate_noise(repository.full_name, repository.lfs_object_bytes)
            lfs.upload_object(site, repository, content)
            _write(tree / ".gitattributes", b"*.psd filter=lfs diff=lfs merge=lfs -text\n")
            _write(tree / "cover.psd", lfs.format_pointer(content))
            git.commit("Add a picture in LFS", 4)
        git("tag", "start")
        git("checkout", "-q", "-b", "ausprobieren")
        _write(tree / "idee.txt", "Eine Idee – ein Versuch\n".encode())
        git.commit("Try something", 5)
        git("push", "-q", f"{site.url}/{repository.full_name}.git", "master", "ausprobieren", "start")


def generate_noise(name: str, size: int) -> bytes:
    """Return bytes that do not compress. The same name always gives the same bytes."""
    return hashlib.shake_128(name.encode()).digest(size)


class _Git:
    def __init__(self, site: Site, repository: plan.Repository, tree: Path, credentials: Path) -> None:
        self._tree = tree
        scheme, _, host = site.url.partition("://")
        credentials.touch(mode=0o600)
        credentials.write_text(f"{scheme}://{repository.pusher}:{site.derive_password(repository.pusher)}@{host}\n")
        settings = {
            "user.name": repository.pusher,
            "user.email": f"{repository.pusher}@example.com",
            "credential.helper": f"store --file {credentials}",
            "core.quotepath": "false",
            # Compression is useless here: the content does not compress, and the working copy is removed after the push.
            "core.compression": "0",
            "gc.auto": "0",
        }
        if site.connect:
            parts = urlsplit(site.url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            settings["http.curloptResolve"] = f"{parts.hostname}:{port}:{site.connect}"
        self._settings = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]

    def __call__(self, *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        environment = {
            **os.environ,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **(env or {}),
        }
        command = ["git", *self._settings, *arguments]
        subprocess.run(
            command,
            cwd=cwd or self._tree,
            env=environment,
            check=True,
            timeout=_TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
        )

    def commit(self, message: str, number: int) -> None:
        when = f"{_FIRST_COMMIT_TIME + number * 3600} +0000"
        self("add", "--all")
        self("commit", "-q", "-m", message, env={"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when})


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
