"""A site with its own settings, configured by the product's code, on the stand-in or on Gogs's release."""

from __future__ import annotations

import subprocess
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.app_ini import Instance, configure
from cutover_site.gogs.ini import parse, render
from cutover_site.gogs.layout import GogsLayout

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.gogs.site_settings import Site

HOST = "git.example.test"
PASSWORD = "Acc3pt-pass-word"
USER = "cutover-acceptance"


def write_app_ini(gogs: Gogs, site: Site) -> None:
    """Write what the product makes of the site's own settings, with the paths and ports of this test."""
    instance = Instance(
        instance_id="i-test", site_url=f"http{'s' if site.https else ''}://{HOST}:{gogs.http}/",
        database_host="", database_port=0,
        schema="", tls="", user="", password="", secret_key="", background=False, mail=False,
    )  # fmt: skip
    made = configure(parse(textwrap.dedent(site.app_ini)), instance, GogsLayout(gogs.folder / "root"))
    for section, keys in parse(gogs.app_ini.read_text()).sections.items():
        for key, value in keys.items():
            if key not in ("EXTERNAL_URL", "BRAND_NAME"):
                made.set(section, key, value)
    gogs.app_ini.write_text(render(made))


def use_charset(gogs: Gogs, charset: str) -> None:
    """Convert the tables with user content to this character set."""
    for name in ("issue", "comment", "action"):
        gogs.database.run(f"ALTER TABLE {gogs.schema}.`{name}` CONVERT TO CHARACTER SET {charset}")


@contextmanager
def serving(gogs: Gogs) -> Iterator[None]:
    """Run Gogs until it is healthy, and create its acceptance user."""
    # The release creates the indexes of its tables itself.
    gogs.database.run(f"GRANT ALL ON {gogs.schema}.* TO app@'127.0.0.1'")
    with (gogs.folder / "output").open("w") as output:
        process = subprocess.Popen(gogs.command("web"), cwd=gogs.folder, stdout=output, stderr=output)
        try:
            _wait(gogs, process)
            done = gogs.admin(
                "create-user", "--name", USER, "--password", PASSWORD, "--email", f"{USER}@{HOST}"
            )  # fmt: skip
            assert "successfully created" in done.stdout, done.stdout + done.stderr
            yield
        finally:
            process.terminate()
            process.wait(30)


def _wait(gogs: Gogs, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if "Database connection: OK" in requests.get(f"http://127.0.0.1:{gogs.http}/healthcheck", timeout=5).text:
                return
        except requests.RequestException:
            pass
        assert process.poll() is None, (gogs.folder / "output").read_text()[-2000:]
        assert time.monotonic() < deadline, "the site is not healthy"
        time.sleep(0.05)


def open_session_with_settings(gogs: Gogs, charset: str, *, live: bool = False) -> GogsSession:
    """Return a session as the product opens it. It knows the settings, the tables and the files."""
    local = LocalSite(gogs.folder / "gogs", gogs.app_ini)
    return GogsSession(
        url=f"http://{HOST}:{gogs.http}", username=USER, password=PASSWORD, resolve="127.0.0.1", live=live,
        ssh=f"127.0.0.1:{gogs.ssh}",
        settings=local.settings, charset=charset, local=local,
    )  # fmt: skip


def open_session_from_elsewhere(gogs: Gogs) -> GogsSession:
    """Return a session that knows only the address of the site."""
    return GogsSession(
        url=f"http://{HOST}:{gogs.http}", username=USER, password=PASSWORD, resolve="localhost",
        ssh=f"127.0.0.1:{gogs.ssh}",
    )  # fmt: skip
