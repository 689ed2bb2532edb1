"""Run the built-in SSH server: OpenSSH's sshd as a child process of the same user, which finds keys in the database.

All settings are options of its command line, so no file can be out of date; only the host keys are files, below
APP_DATA_PATH/ssh. A session runs `gogs serv key-ID`.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from ..config.config import Config, ConfigError

_log = logging.getLogger(__name__)
_KINDS = ("rsa", "ecdsa", "ed25519")
_PR_SET_PDEATHSIG = 1
NO_ANSWER = "no-answer"
"""the command that `gogs serv` gets for a subsystem, such as sftp: Gogs does not respond to one"""


def start(config: Config) -> subprocess.Popen[bytes]:
    """Start sshd, which listens soon after. Raises ConfigError when it is not installed.

    It ends with this process, also when this process is killed.
    """
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not sshd:
        raise ConfigError("[server] START_SSH_SERVER = true needs sshd (package openssh-server)")
    command = [sshd, "-D", "-e", "-f", "/dev/null"]
    for name, value in _build_options(config):
        command += ["-o", f"{name}={value}"]
    _log.info("sshd listens on %s:%s", config.ssh_listen_host, config.ssh_listen_port)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=end_with_parent)


def ensure_host_keys(config: Config) -> list[Path]:
    """Return the host keys gogs.rsa, gogs.ecdsa and gogs.ed25519, and create the missing ones."""
    config.ssh_keys.mkdir(parents=True, exist_ok=True)
    found = []
    for kind in _KINDS:
        key = config.ssh_keys / f"gogs.{kind}"
        if not key.exists():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", kind, "-N", "", "-m", "PEM", "-C", "", "-f", str(key)], check=True
            )
        found.append(key)
    return found


def _build_options(config: Config) -> list[tuple[str, str]]:
    user = os.environ["USER"]
    host, port = config.ssh_listen_host, config.ssh_listen_port
    lookup = [
        sys.executable,
        "-IS",
        str(config.binary),
        "authorized-keys",
        f"--config={config.app_ini}",
        f"--environ-of={os.getpid()}",
    ]
    return [
        *(("HostKey", str(key)) for key in ensure_host_keys(config)),
        ("ListenAddress", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),
        ("PidFile", "none"),
        ("UsePAM", "no"),
        ("StrictModes", "no"),
        ("AllowUsers", user),
        ("AuthenticationMethods", "publickey"),
        ("AuthorizedKeysFile", "none"),
        ("AuthorizedKeysCommand", " ".join([*map(shlex.quote, lookup), "%t", "%k"])),
        ("AuthorizedKeysCommandUser", user),
        ("PermitUserRC", "no"),
        ("PermitTTY", "no"),
        ("Subsystem", f"sftp {NO_ANSWER}"),
        ("DisableForwarding", "yes"),
        ("PrintMotd", "no"),
        ("PrintLastLog", "no"),
        ("LogLevel", "ERROR"),
        ("MaxStartups", "100"),
    ]


def format_authorized_key(config: Config, key_id: int, content: str, environ_of: int = 0) -> str:
    """Return sshd's line for one key, with the only command that it may run.

    `environ_of` is the server's process id.
    """
    forced = f"{config.binary} serv key-{key_id} --config='{config.app_ini}' --environ-of={environ_of}"
    return f'restrict,command="{forced}" {content}'


def end_with_parent() -> None:
    """Send SIGTERM to this process when its parent ends. The setting survives an exec."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
