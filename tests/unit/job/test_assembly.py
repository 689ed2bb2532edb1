"""The rehearsal synthesizes the app once, and again when something changed that the app reads."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rehearsal.job.assembly import Assembly
from rehearsal.job.deploys import Cdk, DeployFailed

# A CLI that records its arguments, writes an assembly, and fails on demand.
CLI = """#!/bin/sh
echo "$@" >> calls.txt
test -e fail && { echo "error: the app failed"; exit 1; }
while [ $# -gt 0 ]; do
    case $1 in
    --output) mkdir -p "$2" && touch "$2/manifest.json" ;;
    --outputs-file) echo '{"SourceStack": {"Name": "value"}}' > "$2" ;;
    esac
    shift
done
test -e refuse && { echo "error: the deploy failed"; exit 1; }
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("stacks", "constructs", "lambda", "assets/__pycache__", "node_modules/.bin"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("app.py", "cdk.json", "package-lock.json", "requirements.txt", "migration.toml", "assets/unit.j2"):
        (tmp_path / file).write_text(file)
    cli = tmp_path / "node_modules/.bin/cdk"
    cli.write_text(CLI)
    cli.chmod(0o755)
    return tmp_path


def make_cdk(checkout: Path) -> Cdk:
    environment = {"PATH": "/usr/bin:/bin", "CUTOVER_CONFIG": str(checkout / "migration.toml")}
    return Cdk(checkout, environment, checkout / "cdk.log", Assembly(checkout, environment, checkout / "made"))


def list_commands(checkout: Path) -> list[str]:
    """Return the command of each call of the CLI, in order. A call that synthesizes the app has "+" before it."""
    known = {"synth", "deploy", "destroy"}
    calls = (checkout / "calls.txt").read_text().splitlines()
    synthesizes = f"--output {checkout / 'made'}"
    uses = f"--app {checkout / 'made'}"
    assert all((synthesizes in call) != (uses in call) for call in calls)
    return ["+" * (synthesizes in call) + next(word for word in call.split() if word in known) for call in calls]


def deploy(cdk: Cdk) -> dict[str, str]:
    # The local AWS is not there: the CLI of this test ends before anything asks for the progress.
    return cdk.deploy("SourceStack", lambda _text: None)


def test_two_deploys_and_a_destroy_use_one_synthesis(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    assert deploy(cdk) == {"Name": "value"}
    deploy(cdk)
    cdk.destroy("SourceStack")
    assert list_commands(checkout) == ["+deploy", "deploy", "destroy"]


def test_a_deploy_after_the_synthesis_alone_uses_it(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    cdk.synthesize()
    cdk.synthesize()
    deploy(cdk)
    assert list_commands(checkout) == ["+synth", "deploy"]


@pytest.mark.parametrize("changed", ["migration.toml", "app.py", "assets/unit.j2", "stacks/new.py"])
def test_a_change_of_what_the_app_reads_is_synthesized(checkout: Path, changed: str) -> None:
    cdk = make_cdk(checkout)
    deploy(cdk)
    (checkout / changed).write_text("changed")
    deploy(cdk)
    assert list_commands(checkout) == ["+deploy", "+deploy"]


def test_compiled_python_is_no_change(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    deploy(cdk)
    (checkout / "assets/__pycache__/unit.pyc").write_text("compiled")
    deploy(cdk)
    assert list_commands(checkout) == ["+deploy", "deploy"]


def test_an_assembly_that_was_removed_is_synthesized_again(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    deploy(cdk)
    shutil.rmtree(checkout / "made")
    deploy(cdk)
    assert list_commands(checkout) == ["+deploy", "+deploy"]


def test_after_a_failed_synthesis_the_next_deploy_synthesizes(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    (checkout / "fail").touch()
    with pytest.raises(DeployFailed, match="the app failed"):
        deploy(cdk)
    (checkout / "fail").unlink()
    deploy(cdk)
    assert list_commands(checkout) == ["+deploy", "+deploy"]


def test_a_deploy_that_fails_after_the_synthesis_leaves_it_for_the_next_one(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    (checkout / "refuse").touch()
    with pytest.raises(DeployFailed, match="the deploy failed"):
        deploy(cdk)
    (checkout / "refuse").unlink()
    deploy(cdk)
    assert list_commands(checkout) == ["+deploy", "deploy"]


def test_a_deploy_waits_for_a_synthesis_that_has_begun(checkout: Path) -> None:
    # Given a CLI that cannot go on before the test has called `deploy`
    os.mkfifo(checkout / "gate")
    cli = checkout / "node_modules/.bin/cdk"
    cli.write_text(
        CLI.replace('echo "$@"', 'echo "$@" >> begun.txt; test -p gate && read _ < gate; rm -f gate; echo "$@"', 1)
    )
    cdk = make_cdk(checkout)
    cdk.begin_synthesis()
    with ThreadPoolExecutor(1) as pool:
        deploying = pool.submit(deploy, cdk)
        (checkout / "gate").write_text("\n")
        assert deploying.result() == {"Name": "value"}
    # Then the deploy used its assembly
    assert list_commands(checkout) == ["+synth", "deploy"]


def test_a_deploy_raises_the_error_of_a_synthesis_that_has_begun(checkout: Path) -> None:
    cdk = make_cdk(checkout)
    (checkout / "fail").touch()
    cdk.begin_synthesis()
    with pytest.raises(DeployFailed, match="the app failed"):
        deploy(cdk)
    assert list_commands(checkout) == ["+synth"]
