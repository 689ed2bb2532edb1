"""A server on which somebody else installed Gogs: its system files, its programs in /proc, and the paths of the installation below `root`."""

from __future__ import annotations

from pathlib import Path

from cutover_site.existing.host import Host

UNIT = """\
[Unit]
Description=Gogs
[Service]
# installed by hand
User=git
Group=git
WorkingDirectory={root}/home/git/gogs
ExecStart={root}/home/git/gogs/gogs web
Environment=USER=git HOME={root}/home/git
[Install]
WantedBy=multi-user.target
"""
PASSWD = "root:x:0:0:root:/root:/bin/bash\ngit:x:1000:1000:Git:{root}/home/git:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n"


class Server:
    """The server. `{root}` in a text stands for its root."""

    def __init__(self, root: Path) -> None:
        self.root, self.host = root, Host(root)
        self.home = root / "home/git"
        self.app_ini = self.home / "gogs/custom/conf/app.ini"
        self.write("etc/passwd", PASSWD)
        for folder in (self.home / "gogs/custom/conf", root / "proc/net", root / "etc/systemd/system"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.home / "gogs/gogs").write_text("#!/bin/sh\n")

    def write(self, path: str, text: str, *, end: str = "\n") -> Path:
        """Write a file with these line ends."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.replace("{root}", str(self.root)).replace("\n", end).encode())
        return file

    def install_unit(self, text: str = UNIT, name: str = "gogs.service") -> None:
        self.write(f"etc/systemd/system/{name}", text)

    def start(
        self,
        pid: int,
        *command: str,
        environment: dict[str, str] | None = None,
        folder: str = "{root}/home/git/gogs",
        group: str = "0::/system.slice/gogs.service",
        sockets: tuple[int, ...] = (),
        uid: int = 1000,
    ) -> None:
        """Add a process to /proc. `sockets`: inodes of its sockets."""
        words = [word.replace("{root}", str(self.root)) for word in command]
        place = self.root / "proc" / str(pid)
        (place / "fd").mkdir(parents=True)
        (place / "cmdline").write_bytes(b"".join(f"{word}\0".encode() for word in words))
        (place / "comm").write_text(Path(words[0]).name + "\n")
        (place / "status").write_text(f"Name:\tx\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        (place / "cgroup").write_text(f"{group}\n")
        variables = {"HOME": "{root}/home/git", "USER": "git"} if environment is None else environment
        pairs = (f"{key}={value}".replace("{root}", str(self.root)) for key, value in variables.items())
        (place / "environ").write_bytes(b"".join(f"{pair}\0".encode() for pair in pairs))
        (place / "cwd").symlink_to(folder.replace("{root}", str(self.root)))
        (place / "exe").symlink_to(words[0])
        for number, inode in enumerate(sockets, 3):
            (place / f"fd/{number}").symlink_to(f"socket:[{inode}]")

    def listen(self, *ports: tuple[str, int]) -> None:
        """Write /proc/net/tcp: pairs of an address in hexadecimal and a port. The inode of the first is 1001, of the second 1002 …"""
        lines = ["  sl  local_address rem_address st tx rx tr tm retrnsmt uid timeout inode"]
        for number, (address, port) in enumerate(ports):
            lines.append(f"   {number}: {address}:{port:04X} 00000000:0000 0A 0:0 00:0 0 0 0 {1001 + number} 1")
        (self.root / "proc/net/tcp").write_text("\n".join(lines) + "\n")

    def digest(self) -> dict[str, tuple[int, int, bytes]]:
        """Return mode, time of change and content of everything, by path."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            status = path.lstat()
            content = (
                str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            )
            found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
        return found
