"""Machines: boot, commands, user data, reboot and crash."""

from __future__ import annotations

import time

import pytest

from rehearsal.errors import MachineError, MachineNotFound, MachineTimeout
from rehearsal.world import MachineSpec, cgroups, enter
from rehearsal.world.leaders import kill_leader
from tests.rehearsal.world.lab import Lab

pytestmark = pytest.mark.rehearsal


def test_a_stock_machine_runs_without_a_failed_unit(lab: Lab, machine: str) -> None:
    done = lab.run_script(machine, "systemctl is-system-running --wait; systemctl --failed --no-legend --plain")
    assert done.stdout.replace("cloud-final.service", "").split()[0] in {"running", "degraded"}
    failed = [line.split()[0] for line in done.stdout.splitlines()[1:]]
    assert set(failed) <= {"cloud-final.service"}, "only the shared machine's own failing user data"


def test_a_command_has_the_environment_of_a_login_shell(lab: Lab, machine: str) -> None:
    done = lab.run_script(machine, 'echo "$HOME $USER $AWS_ENDPOINT_URL $(pwd) $(hostname)"; echo problem >&2; exit 7')
    assert done.stdout == f"/root root {lab.world.settings.aws_url} /root ip-10-0-9-5\n"
    assert (done.stderr, done.exit_code) == ("problem\n", 7)


@pytest.mark.parametrize("who", ["i-shared", "shared", "i-shared by name"])
def test_a_machine_is_found_by_id_role_or_name(lab: Lab, machine: str, who: str) -> None:
    assert enter.find(lab.world.settings, who).id == machine


def test_input_and_environment_reach_the_command(lab: Lab, machine: str) -> None:
    words = ["bash", "-c", "cat; printenv WORD"]
    done = enter.run(lab.world.settings, machine, words, input="grüße\n", env={"WORD": "a b"}, timeout=20)
    assert done.stdout == "grüße\na b\n"


def test_a_timeout_kills_all_processes_of_the_command(lab: Lab, machine: str) -> None:
    with pytest.raises(MachineTimeout, match="i-shared"):
        lab.run_script(machine, "setsid sleep 4321 & sleep 4322", timeout=1)
    assert lab.run_script(machine, "pgrep -f 'sleep 432[12]'").stdout == ""


def test_user_data_runs_once_and_its_output_is_kept(lab: Lab, machine: str) -> None:
    def read_result() -> enter.Completed:
        return lab.run_script(
            machine,
            "while [ ! -s /var/lib/cloud/instances/i-shared/user-data.exit ]; do sleep .1; done;"
            "cat /root/user-data /var/log/cloud-init-output.log /var/lib/cloud/instances/i-shared/user-data.exit",
        )

    assert read_result().stdout == f"ran\nout-{lab.world.settings.aws_url}\nerr\n3\n"
    lab.world.machines.reboot(machine)
    assert read_result().stdout.startswith("ran\nout-")


def test_a_machine_that_reboots_itself_is_the_same_machine(lab: Lab, machine: str) -> None:
    before = enter.find(lab.world.settings, machine)
    lab.run_script(machine, "touch /root/before; systemctl reboot")
    deadline = time.monotonic() + 30
    while (now := enter.find(lab.world.settings, machine)).leader == before.leader or now.state != "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert lab.run_script(machine, "ls /root/before").exit_code == 0
    assert lab.aws.exited.empty()


def test_packages_come_from_the_mirror(lab: Lab, machine: str) -> None:
    done = lab.run_script(
        machine,
        (
            "apt-get -q update && apt-get -q -y install python3-boto3 && python3 -c 'import boto3;"
            " print(boto3.__version__)'"
        ),
    )
    assert done.stdout.splitlines()[-1] == "1.34.46"


def test_the_owner_is_notified_of_a_crash_and_not_of_its_own_stop(lab: Lab) -> None:
    lab.launch("i-crash", "10.0.9.6")
    leader = enter.find(lab.world.settings, "i-crash").leader
    assert leader is not None
    assert kill_leader(lab.world.settings, "i-crash", leader)
    assert lab.aws.exited.get(timeout=10) == "i-crash"
    with pytest.raises(MachineError, match="does not run"):
        lab.run_script("i-crash", "true")

    spec = MachineSpec("i-crash", lab.world.locate_volume("i-crash"), "10.0.9.6")
    lab.world.start(spec)
    lab.world.machines.wait_booted("i-crash")
    # When its power fails and somebody starts it at once, before its disk is unmounted
    leader = enter.find(lab.world.settings, "i-crash").leader
    assert leader is not None
    assert kill_leader(lab.world.settings, "i-crash", leader)
    lab.world.start(spec)
    # Then it boots
    lab.world.machines.wait_booted("i-crash")
    assert lab.aws.exited.get(timeout=10) == "i-crash"

    lab.world.machines.stop("i-crash")
    lab.world.terminate("i-crash")
    assert lab.aws.exited.empty()
    assert not lab.world.locate_volume("i-crash").exists()
    with pytest.raises(MachineNotFound):
        enter.find(lab.world.settings, "i-crash")


def test_a_machine_from_an_image_gets_new_host_keys(lab: Lab, machine: str) -> None:
    lab.launch("i-second", "10.0.9.7")
    script = "cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id"
    try:
        assert (
            lab.run_script("i-second", script).stdout.split()[1::2]
            != lab.run_script(machine, script).stdout.split()[1::2]
        )
    finally:
        lab.world.terminate("i-second")


def test_killing_a_unit_on_one_machine_does_not_kill_it_on_others(lab: Lab, machine: str) -> None:
    lab.launch("i-twin", "10.0.9.8")
    try:
        for one in (machine, "i-twin"):
            assert lab.run_script(one, "systemd-run --unit=twin sh -c 'sleep 4000 & sleep 4000'").exit_code == 0
        killed = lab.run_script(machine, "systemctl kill --signal=KILL twin.service")
        assert (killed.stderr, killed.exit_code) == ("", 0)
        assert lab.run_script("i-twin", "systemctl is-active twin.service; pgrep -c sleep").stdout == "active\n2\n"
    finally:
        lab.world.terminate("i-twin")
        lab.run_script(machine, "systemctl reset-failed twin.service")


def test_a_terminated_machine_orphans_no_control_group(lab: Lab) -> None:
    lab.launch("i-short", "10.0.9.9")
    assert cgroups.list_existing(lab.world.settings, "i-short")
    lab.world.terminate("i-short")
    assert cgroups.list_existing(lab.world.settings, "i-short") == []
