"""The built-in SSH server: OpenSSH's sshd as a child of this process and its user, which looks keys up in the database.

It is given everything by options, so there is no file that could be stale; only the host keys are files, below
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
"""What `gogs serv` is told of a subsystem, such as sftp: Gogs leaves it without an answer."""


def start(config: Config) -> subprocess.Popen[bytes]:
    """Listening soon after. It ends with this process, however that ends. Raises ConfigError."""
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not sshd:
        raise ConfigError("[server] START_SSH_SERVER = true needs sshd (package openssh-server)")
    command = [sshd, "-D", "-e", "-f", "/dev/null"]
    for name, value in _options(config):
        command += ["-o", f"{name}={value}"]
    _log.info("sshd listens on %s:%s", config.ssh_listen_host, config.ssh_listen_port)
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=end_with_parent)


def host_keys(config: Config) -> list[Path]:
    """Made when they are missing: gogs.rsa, gogs.ecdsa, gogs.ed25519."""
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


def _options(config: Config) -> list[tuple[str, str]]:
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
        *(("HostKey", str(key)) for key in host_keys(config)),
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


def authorized_line(config: Config, key_id: int, content: str, environ_of: int = 0) -> str:
    """What sshd is told about one key: the one command that it may run. `environ_of` is the server's process."""
    forced = f"{config.binary} serv key-{key_id} --config='{config.app_ini}' --environ-of={environ_of}"
    return f'restrict,command="{forced}" {content}'


def end_with_parent() -> None:
    """Of this process: SIGTERM when its parent ends. It holds over an exec."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
