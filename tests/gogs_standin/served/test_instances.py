"""Two instances with one schema and one folder of repositories; hooks, temporary folder, TLS."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.gogs_standin.served.database import MariaDb
from tests.gogs_standin.served.servers import ADMIN, GIT_ID, Gogs, running
from tests.rehearsal.ports import find_free_port

pytestmark = pytest.mark.rehearsal


def test_two_instances_number_issues_without_gaps_when_failed_requests_are_retried(
    gogs: Gogs, make: Callable[..., Gogs]
) -> None:
    gogs.create_repository("shared")
    with running(make(beside=gogs)) as other:
        headers, lost_races = gogs.token(), list[int]()

        def write(number: int) -> int:
            url = (gogs, other)[number % 2].url
            address, body = f"{url}/api/v1/repos/root/shared/issues", {"title": f"Nr. {number}"}
            while (response := requests.post(address, headers=headers, json=body, timeout=60)).status_code == 500:
                lost_races.append(number)
            assert response.status_code == 201, response.text
            index: int = response.json()["number"]
            return index

        # When clients write to both at the same time
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(write, range(40)))

        # Then some requests conflict, every issue has its own number, and both instances return the same issues
        assert lost_races
        assert sorted(numbers) == list(range(1, 41))
        responses = [
            requests.get(f"{site.url}/api/v1/repos/root/shared/issues/40", headers=headers, timeout=20).json()
            for site in (gogs, other)
        ]
        assert responses[0]["title"] == responses[1]["title"]


def test_a_push_of_50_mb_can_be_cloned_from_the_other_instance(
    gogs: Gogs, make: Callable[..., Gogs], tmp_path: Path
) -> None:
    gogs.create_repository("big")
    tree = tmp_path / "tree"
    subprocess.run(["git", "init", "-q", "-b", "master", str(tree)], check=True)
    (tree / "big.bin").write_bytes(os.urandom(50 << 20))
    settings = ["-c", "user.name=R", "-c", "user.email=root@example.com", "-c", "core.compression=0"]
    for command in (["add", "."], ["commit", "-qm", "big"]):
        subprocess.run(["git", *settings, *command], cwd=tree, check=True)
    url = gogs.url.replace("://", f"://{ADMIN[0]}:{ADMIN[1]}@")
    subprocess.run(["git", *settings, "push", "-q", f"{url}/root/big.git", "master"], cwd=tree, check=True, timeout=120)

    # Then the other instance returns the same bytes
    with running(make(beside=gogs)) as other:
        subprocess.run(
            ["git", "clone", "-q", f"{other.url}/root/big.git", str(tmp_path / "clone")], check=True, timeout=120
        )
    assert (tmp_path / "clone/big.bin").read_bytes() == (tree / "big.bin").read_bytes()


def test_hooks_contain_absolute_paths_and_can_be_resynchronized(gogs: Gogs) -> None:
    gogs.create_repository("hooked")
    hook = gogs.repositories / "root/hooked.git/hooks/update"
    wanted = f"#!/usr/bin/env bash\n\"{gogs.folder}/gogs\" hook --config='{gogs.app_ini}' update $1 $2 $3\n"
    assert hook.read_text() == wanted
    hook.write_text("broken")
    assert gogs.admin("resync-hooks").returncode == 0
    assert hook.read_text() == wanted


def test_a_start_empties_only_the_temporary_folder_of_its_instance(gogs: Gogs) -> None:
    own, shared = gogs.folder / "data/tmp/orphaned", gogs.repositories / "attachments/kept"
    for file in (own, shared):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        shutil.chown(file.parent, GIT_ID, GIT_ID)
    keys = {key.name: key.read_bytes() for key in (gogs.folder / "data/ssh").iterdir()}
    gogs.stop()
    gogs.start()
    assert (own.exists(), shared.exists()) == (False, True)
    assert {key.name: key.read_bytes() for key in (gogs.folder / "data/ssh").iterdir()} == keys
    assert {"gogs.rsa", "gogs.ecdsa", "gogs.ed25519"} <= keys.keys()


def test_tls_true_verifies_the_server_with_the_systems_authorities(make: Callable[..., Gogs], place: Path) -> None:
    folder = place / "tls"
    folder.mkdir()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=db",
         "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    server = MariaDb(
        folder=folder,
        port=find_free_port(),
        options=(f"--ssl-cert={certificate}", f"--ssl-key={key}", "--require-secure-transport=ON"),
    )
    server.start()
    try:
        # Given an authority that the system does not trust, then the start fails
        with pytest.raises(AssertionError, match=r"(?i)certificate.*(verify failed|unknown authority)"):
            make(server=server, name_parameters="?tls=true").start()
        # Given a trusted authority, then the start succeeds
        trusting = make(server=server, name_parameters="?tls=true", environment={"SSL_CERT_FILE": str(certificate)})
        with running(trusting):
            assert requests.get(f"{trusting.url}/healthcheck", timeout=20).text == "* Database connection: OK\n"
    finally:
        server.stop()
