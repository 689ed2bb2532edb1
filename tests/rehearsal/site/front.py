"""A real HAProxy on the loopback interface, with the configuration of the role."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import applications
import jinja2
import requests
import yaml
from cutover_site.proxy.forwarding import AUTHORITIES, Address, render_configuration
from cutover_site.proxy.hold import Hold
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime

from tests.rehearsal.ports import find_free_port
from tests.rehearsal.site.upstream import Upstream

ROLE = Path(__file__).parents[3] / "assets/ansible/roles/reverse_proxy"


class Front:
    """A running HAProxy, healthy if its upstream is. `modes` and `runtime` are the objects that cutover-site uses."""

    def __init__(
        self,
        folder: Path,
        upstream: Upstream,
        forward: Upstream | None = None,
        *,
        tls: str = "",
        authorities: Path = Path(AUTHORITIES),
        identity_headers: Sequence[str] = (),
        forwarded: str = "",
        path: str = "",
        forward_path: str = "",
        port: int = 0,
    ) -> None:
        program = shutil.which("haproxy") or "/usr/sbin/haproxy"
        self.http, self.ssh = port or find_free_port(), find_free_port()
        variables: dict[str, Any] = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
        variables |= {
            "proxy_user": "", "proxy_socket": folder / "s", "proxy_folder": folder,
            "proxy_upstreams": {"http": upstream.http, "ssh": upstream.ssh},
            "proxy_binds": {"http": f"127.0.0.1:{self.http}", "ssh": f"127.0.0.1:{self.ssh}"},
            "proxy_path": path,
            "profile": (profile := applications.load("gogs").to_values()),
            "proxy_identity_headers": profile["proxy"]["identity_headers"],
        }  # fmt: skip
        if identity_headers:
            variables["proxy_identity_headers"] = list(identity_headers)
        if forwarded:
            variables["proxy_forwarded"] = forwarded
        self.sentence = variables["proxy_message"]
        for name in ("haproxy.cfg", "hold.lua"):
            template = jinja2.Template((ROLE / f"templates/{name}.j2").read_text(), keep_trailing_newline=True)
            # A test reads the log of requests from the output of the process: there is no journal.
            text = template.render(variables).replace("log /dev/log local0", "log stdout format raw local0")
            (folder / name).write_text(text)
        to = (
            (Address.parse(forward.http, tls=tls, path=forward_path), Address.parse(forward.ssh))
            if forward
            else (None, None)
        )
        (folder / "forward.cfg").write_text(render_configuration(to[0], {"ssh": to[1]}, authorities=str(authorities)))
        self.runtime = Runtime(folder / "m")
        self.modes = ProxyModes(folder, self.runtime)
        self.hold = Hold(folder, self.runtime)
        if not self.modes.map_file.exists():
            self.modes.store("open")
        if not self.hold.map_file.exists():
            self.hold.map_file.write_text("until 0\nseconds 0\n")
        command = [
            program,
            "-W",
            "-S",
            str(folder / "m"),
            "-f",
            str(folder / "haproxy.cfg"),
            "-f",
            str(folder / "forward.cfg"),
        ]
        self._log = (folder / "haproxy.log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        self.wait_for(200 if upstream.database == "OK" else 503)

    def wait_for(self, status: int) -> None:
        deadline = time.monotonic() + 10
        while self.read_health_status() != status:
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError(Path(self._log.name).read_text())
            time.sleep(0.05)

    def read_log(self) -> list[str]:
        """Return what the proxy has logged."""
        return Path(self._log.name).read_text().splitlines()

    def request_reload(self) -> None:
        """Do all that `systemctl reload` does."""
        self._process.send_signal(signal.SIGUSR2)

    def freeze(self, hold_seconds: float) -> None:
        """Freeze the proxy, and let it hold writes for these seconds."""
        self.hold.set_bounds(time.time() + hold_seconds, hold_seconds)
        self.modes.switch("frozen")

    def list_worker_ids(self) -> list[int]:
        """Return the process ids of all workers."""
        return list(self.runtime.list_workers().everyone)

    def read_health_status(self) -> int:
        try:
            return self.request("GET", "/cutover/health").status_code
        except requests.ConnectionError:
            return 0

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        request = requests.Request(method, "http://x/", **options).prepare()
        request.url = f"http://127.0.0.1:{self.http}{path}"  # unchanged, because requests would normalise the path
        with requests.Session() as session:
            return session.send(request, timeout=30, allow_redirects=False)

    def read_ssh_banner(self) -> bytes:
        """Return the banner of the SSH port, or no bytes if the proxy refuses the connection."""
        try:
            with socket.create_connection(("127.0.0.1", self.ssh), timeout=5) as connection:
                return connection.recv(100)
        except ConnectionResetError:
            return b""

    def __enter__(self) -> Front:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def crash(self) -> None:
        """Kill the workers. HAProxy's master then ends too, and systemd would start it again."""
        for pid in self.list_worker_ids():
            os.kill(pid, signal.SIGKILL)
        self._process.wait(10)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._log.close()
