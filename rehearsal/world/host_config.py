"""Write into a disk what belongs to the world in which it boots: where the local AWS is, and its own host name.

Only what a cloud gives an instance from outside (its network's resolver, mirrors, host name) is written; an image's
own identity (machine id, users, keys) is left as it is, so that an image that was not sealed shows here too.
"""

from __future__ import annotations

from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world.rootfs import SUITE

_HOSTS = """127.0.0.1 localhost
127.0.1.1 {name}
::1 ip6-localhost ip6-loopback
"""


def inject_host_config(root: Path, settings: Settings, ip: str | None) -> None:
    """Write the files below the mounted disk's root. Done before each boot; doing it again changes nothing.

    `ip` None: the machine has a host name of its own, which stays.
    """
    _write(root, "etc/systemd/system.conf.d/rehearsal.conf", _render_manager(settings))
    _write(root, "etc/environment", _render_environment(root / "etc/environment", settings))
    _write(root, "etc/apt/sources.list", f"deb [trusted=yes] {settings.mirror_url}/debian {SUITE} main\n")
    if ip is not None:
        write_host_name(root, f"ip-{ip.replace('.', '-')}")


def write_host_name(root: Path, name: str) -> None:
    """Write the host name, and the hosts file that knows it. A qualified name is also known by its first label."""
    short = name.partition(".")[0]
    _write(root, "etc/hostname", f"{short}\n")
    _write(root, "etc/hosts", _HOSTS.format(name=name if name == short else f"{name} {short}"))


def _render_manager(settings: Settings) -> str:
    return f"[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL={settings.aws_url}\n"


def _render_environment(file: Path, settings: Settings) -> str:
    """Return the content of the file with our line in it, and every line that somebody else wrote."""
    lines = file.read_text().splitlines() if file.exists() else []
    kept = [line for line in lines if not line.startswith("AWS_ENDPOINT_URL=")]
    return "\n".join([*kept, f"AWS_ENDPOINT_URL={settings.aws_url}", ""])


def _write(root: Path, path: str, text: str) -> None:
    """Write one file. A link in an image must not lead out of it, so it is replaced by the file."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink():
        file.unlink()
    file.write_text(text)
