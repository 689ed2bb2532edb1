"""What a proxy holds, and which target its workers know, from the output of HAProxy 2.6.12's runtime API."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cutover_site.errors import Refused
from cutover_site.proxy.forwarding import Address, name_server, render_configuration
from cutover_site.proxy.hold import Held, Hold, get_longer, require_bounds
from cutover_site.proxy.known_targets import is_known_target
from cutover_site.proxy.runtime import ProxyError, Runtime, Workers, parse_age

SESSIONS = """\
0x561ff1279300: proto=tcpv4 src=127.0.0.1:35208 fe=site_ssh be=<NONE> srv=<none> ts=00 epoch=0 age=1m2s calls=41 rate=18 cpu=0 lat=0 rq[f=080000h,i=0,an=22h,rx=59m57s,wx=,ax=0s] rp[f=80000000h,i=0,an=00h,rx=,wx=,ax=] scf=[8,0h,fd=17] scb=[0,1h,fd=-1] exp=0s rc=0 c_exp=
0x561ff1160150: proto=tcpv4 src=127.0.0.1:44548 fe=site be=<NONE> srv=<none> ts=00 epoch=0 age=2s calls=42 rate=18 cpu=0 lat=0 rq[f=080000h,i=16384,an=30h,rx=,wx=,ax=0s] rp[f=80000000h,i=0,an=00h,rx=,wx=,ax=] scf=[8,200h,fd=20] scb=[0,1h,fd=-1] exp=0s rc=0 c_exp=
0x7f8a0c02e430: proto=tcpv4 src=127.0.0.1:44526 fe=site be=application_writes srv=application ts=00 epoch=0 age=9s calls=4 rate=0 cpu=0 lat=0 rq[f=40480000h,i=0,an=00h,rx=,wx=,ax=] rp[f=80000000h,i=0,an=00h,rx=,wx=,ax=] scf=[8,0h,fd=16] scb=[8,1h,fd=22] exp=14m rc=0 c_exp=
0x561ff13dcbc0: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0 age=5h calls=1 rate=0 cpu=0 lat=0 rq[f=c08000h,i=0,an=00h,rx=,wx=,ax=] rp[f=80008002h,i=0,an=00h,rx=,wx=,ax=] scf=[8,200h,fd=21] scb=[8,1h,fd=-1] exp= rc=0 c_exp=
"""
DETAILS = """\
0x561ff1279300: [29/Nov/2026:23:55:13.778709] id=3 proto=tcpv4 source=127.0.0.1:35208
  flags=0x0, conn_retries=0, conn_exp=<NEVER> conn_et=0x000 srv_conn=(nil), pend_pos=(nil) waiting=0 epoch=0
  frontend=site_ssh (id=5 mode=tcp), listener=? (id=1) addr=127.0.0.1:12222
  backend=application_ssh (id=6 mode=tcp)
  server=application (id=1)
  task=0x561ff13cce60 (state=0x00 nice=0 calls=41 rate=18 exp=0s tmask=0x1 age=2m5s)
  req=0x561ff1279320 (f=0x080000 an=0x22 pipe=0 tofwd=0 total=0)
0x561ff1160150: [29/Nov/2026:23:55:13.782458] id=6 proto=tcpv4 source=127.0.0.1:44548
  frontend=site (id=2 mode=http), listener=? (id=1) addr=127.0.0.1:18080
  backend=<NONE> (id=-1 mode=-)
  task=0x561ff1160540 (state=0x00 nice=0 calls=42 rate=18 exp=0s tmask=0x1 age=2s)
"""
STATE = """\
1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
4 forward_http 1 {server} 127.0.0.1 2 0 1
"""
TARGET = {"http": Address("alb.example.com", 80)}


@dataclass
class Proxy:
    """The responses of a proxy's workers."""

    responses: dict[int, str]
    workers: Workers = field(default_factory=lambda: Workers((7,), (3,)))
    commands: list[str] = field(default_factory=list)

    def query(self, _command: str) -> dict[int, str]:
        return self.responses

    def run_command(self, command: str) -> None:
        self.commands.append(command)

    def list_workers(self) -> Workers:
        return self.workers


def build_hold(folder: Path, proxy: Proxy) -> Hold:
    runtime: Any = proxy
    return Hold(folder, runtime)


def test_what_waits_in_all_workers_is_counted(tmp_path: Path) -> None:
    assert build_hold(tmp_path, Proxy({7: SESSIONS, 3: SESSIONS})).count_held() == Held(4, 62)
    assert build_hold(tmp_path, Proxy({7: ""})).count_held() == Held(0, 0)


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("59s", 59), ("1m2s", 62), ("2h3m", 7380), ("1d2h", 93600)])
def test_an_age_is_read(text: str, seconds: int) -> None:
    assert parse_age(text) == seconds


def test_an_unknown_age_is_an_error() -> None:
    with pytest.raises(ProxyError, match="'soon'"):
        parse_age("soon")


def test_sessions_have_their_number_and_their_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runtime, "query", lambda *_: {7: DETAILS})
    assert Runtime(tmp_path).list_sessions(["application_ssh", "application_writes"]) == {"7/3": 125}


def test_the_bounds_are_on_disk_before_they_are_in_the_running_proxy(tmp_path: Path) -> None:
    on_disk: list[str] = []

    class Reading(Proxy):
        def run_command(self, command: str) -> None:
            on_disk.append((tmp_path / "hold.map").read_text())
            super().run_command(command)

    proxy = Reading({})
    build_hold(tmp_path, proxy).set_bounds(1795996525.7, 12.0)
    assert on_disk == ["until 1795996526\nseconds 12\n"] * 2
    file = tmp_path / "hold.map"
    assert proxy.commands == [f"set map {file} until 1795996526", f"set map {file} seconds 12"]


@pytest.mark.parametrize(
    ("shown", "can_hold"),
    [
        ("0x1 until 0\n0x2 seconds 0", True),
        ("0x1 until 0", False),
        ("", False),
        ("Unknown map identifier. Please use #<id> or <file>.", False),
    ],
)
def test_a_proxy_without_its_script_is_named(tmp_path: Path, shown: str, can_hold: bool) -> None:
    problem = build_hold(tmp_path, Proxy({7: "0x1 until 0\n0x2 seconds 0", 8: shown})).find_problem()
    assert (problem == "") == can_hold
    assert can_hold or "worker 8 of HAProxy" in problem


@pytest.mark.parametrize("seconds", [-1, 60.5])
def test_a_hold_out_of_its_bounds_is_refused(seconds: float) -> None:
    require_bounds(0)
    require_bounds(60)
    with pytest.raises(Refused, match="cannot be held"):
        require_bounds(seconds)


def test_the_peak_of_two_observations_is_kept() -> None:
    assert get_longer(Held(5, 1), Held(3, 4)) == Held(5, 4)


@pytest.mark.parametrize(
    ("current", "states", "known"),
    [
        ((7,), {7: STATE.format(server=name_server(TARGET["http"]))}, True),
        ((7,), {7: STATE.format(server=name_server(Address("alb.example.com", 443)))}, False),
        ((7,), {7: STATE.format(server=name_server(Address("alb.example.com", 80, tls="git.example.com")))}, False),
        ((7,), {7: "1\n# be_id be_name srv_id srv_name\n"}, False),
        ((7,), {3: STATE.format(server=name_server(TARGET["http"]))}, False),  # only a former worker knows it
        ((), {3: STATE.format(server=name_server(TARGET["http"]))}, False),
    ],
)
def test_a_target_is_known_when_every_current_worker_has_its_server(
    current: tuple[int, ...], states: dict[int, str], known: bool
) -> None:
    runtime: Any = Proxy(states, Workers(current, (3,)))
    assert is_known_target(runtime, TARGET) == known


def test_the_configuration_names_the_server_by_its_address() -> None:
    assert f"server {name_server(TARGET['http'])} alb.example.com:80 " in render_configuration(TARGET["http"], {})
