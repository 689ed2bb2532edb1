"""Record raw files, archives, and the redirects and headers of pages."""

from __future__ import annotations

import requests
from tests.gogs_standin.contract.further.site import HEADERS
from tests.gogs_standin.contract.further.world import World


def record_files(world: World) -> None:
    """Record raw files, parts of them, and archives."""
    site = world.site
    (world.tree / "bin").write_bytes(bytes(range(256)))
    world.commit("binary")
    world.push("alice", "master")
    for name, path, more in (
        ("raw text", "/alice/app/raw/master/file", {}),
        ("raw text, part of it", "/alice/app/raw/master/file", {"Range": "bytes=0-3"}),
        ("raw bytes", "/alice/app/raw/master/bin", {}),
        ("raw, unknown", "/alice/app/raw/master/none", {}),
        ("archive, part of it", "/alice/app/archive/master.zip", {"Range": "bytes=0-1"}),
        ("archive of another form", "/alice/app/archive/master.rar", {}),
        ("archive of an unknown branch", "/alice/app/archive/none.zip", {}),
    ):
        site.record_request(f"file: {name}", "GET", path, headers=more)
    for kind in ("zip", "tar.gz"):
        response = requests.get(f"{site.url}/alice/app/archive/master.{kind}", timeout=30)
        headers = {key: response.headers.get(key) for key in HEADERS if key != "Content-Length"}
        site.record(f"file: archive.{kind}", status=response.status_code, headers=headers)


def record_pages(world: World) -> None:
    """Record where pages send an anonymous visitor and one who signs in."""
    site = world.site
    for name, path in (
        ("settings", "/user/settings"), ("new issue", "/alice/app/issues/new"), ("private repository", "/alice/secret"),
        ("home", "/"), ("explore", "/explore/repos"), ("unknown", "/nobody"), ("repository", "/alice/app"),
        ("new repository", "/repo/create"), ("repository's settings", "/alice/app/settings"), ("fork", "/repo/fork/1"),
    ):  # fmt: skip
        site.record_request(f"page, anonymous: {name}", "GET", path)
    browser = requests.Session()
    browser.get(f"{site.url}/user/settings", timeout=30)
    site.record_request(
        "page: signed in after a page that needs it",
        "POST",
        "/user/login",
        session=browser,
        data=world.sign_in_form(browser, "alice"),
    )
    site.record_request("page: signed in, login page", "GET", "/user/login", session=browser)
    site.record_request(
        "page: signed in, repository's settings of another", "GET", "/root/none/settings", session=browser
    )
    stranger = requests.Session()
    site.record_request(
        "page: wrong password",
        "POST",
        "/user/login",
        session=stranger,
        data={**world.sign_in_form(stranger, "alice"), "password": "wrong"},
    )
