"""What a machine with an unsuitable Python gets: one reason in the form of every answer, before anything is loaded."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import cutover_site
import pytest
from cutover_site import interpreter
from cutover_site.verbs import ALL

PACKAGE = Path(cutover_site.__file__).parent


def test_every_module_can_be_loaded() -> None:
    """An alias as `str | None` outside of annotations shows only when its module is loaded by Python 3.9."""
    names = [module.name for module in pkgutil.walk_packages([str(PACKAGE)], "cutover_site.")]
    loaded = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    assert len(loaded) > len(ALL)


@pytest.mark.parametrize(("verb", "code"), [("check", 1), ("guard", 255)])
def test_an_older_python_is_refused_in_the_form_of_an_answer(
    verb: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`guard` exits with 255: systemd takes 1 for "not on this machine" and never tries again."""
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    monkeypatch.setattr(sys, "argv", ["cutover-site", verb])
    with pytest.raises(SystemExit) as ended:
        interpreter.require()
    answer = json.loads(capsys.readouterr().out)
    assert ended.value.code == code
    assert not answer["ok"]
    assert "needs Python 3.9 or newer" in answer["reason"]
    assert "Python 3.8.10" in answer["reason"]
    assert answer["next"]


@pytest.mark.parametrize("module", ["cutover_site", "cutover_site.prefork.client", "cutover_site.files.changes"])
def test_the_refusal_comes_before_everything_else(tmp_path: Path, module: str) -> None:
    # Given a package whose other modules cannot be read by this Python, and which needs a newer one
    copy = tmp_path / "cutover_site"
    for source in PACKAGE.rglob("*.py"):
        target = copy / source.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        is_gate = source in (PACKAGE / "__init__.py", PACKAGE / "interpreter.py")
        target.write_text(source.read_text().replace("(3, 9)", "(99, 0)") if is_gate else "this is no Python")

    # When it is started as machines start it
    command = [sys.executable, "-S", "-m", module, "check"]
    done = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False)

    # Then it answers
    assert done.returncode == 1
    assert "needs Python 99.0" in json.loads(done.stdout.splitlines()[-1])["reason"]
    assert done.stderr == ""
