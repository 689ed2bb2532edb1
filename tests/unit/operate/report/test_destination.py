"""Where a report is written: a place that cannot have it is a mistake of the user, refused before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operate.cli import main
from operate.report.destination import find_problem, write_both
from tests.unit.operate.report.evidence import make_running

ROOT = Path(__file__).parents[4]


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    file = tmp_path / "evidence.json"
    file.write_text(json.dumps({"steps": make_running()}))
    return file


def report(evidence: Path, output: Path, *more: str) -> int:
    return main(["--config", str(ROOT / "migration.toml"), "--json", "report", "--evidence", str(evidence), "--output", str(output), *more])  # fmt: skip


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("page.json", "page.json does not end with .html; name a page such as report.html"),
        ("", "does not end with .html"),
        ("evidence.html", "evidence.json is a file that the report is made from; name another page"),
        ("nowhere/page.html", "there is no folder"),
        ("folder.html", "folder.html is a folder; name another page"),
        ("content.html", "content.json is a folder; name another page"),
    ],
)
def test_a_place_that_cannot_have_the_page_is_wrong_usage(
    output: str, sentence: str, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "content.json").mkdir()
    before, content = sorted(tmp_path.rglob("*")), evidence.read_bytes()

    assert report(evidence, tmp_path / output) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert sentence in json.loads(printed.out)["error"]["reason"]
    assert (sorted(tmp_path.rglob("*")), evidence.read_bytes()) == (before, content)


def test_a_file_without_write_access_is_named(tmp_path: Path) -> None:
    """Root may write everywhere, so the test says what the system would."""
    page, content = tmp_path / "page.html", tmp_path / "page.json"
    content.touch()

    assert find_problem(page, []) == ""
    assert find_problem(page, [], has_access=lambda path, _: path != content) == (
        f"you may not write {content}; name a page in a folder of yours"
    )
    assert f"you may not write {page};" in find_problem(page, [], has_access=lambda path, _: path != tmp_path)


def test_the_content_does_not_become_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = tmp_path / "runs"
    for document in make_running():
        file = tmp_path / document["key"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document))
    before = sorted(runs.rglob("*"))

    assert report(runs, runs / "report.html") == 2
    assert "would become a part of it" in capsys.readouterr().err
    assert sorted(runs.rglob("*")) == before


def test_the_settings_are_not_replaced(evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "site.json"
    settings.write_bytes((ROOT / "migration.toml").read_bytes())

    assert main(["--config", str(settings), "report", "--evidence", str(evidence), "--output", str(tmp_path / "site.html")]) == 2  # fmt: skip
    assert "is a file that the report is made from" in capsys.readouterr().err
    assert settings.read_bytes() == (ROOT / "migration.toml").read_bytes()


def test_a_page_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    write_both(page, "first", "{}")

    with pytest.raises(UnicodeEncodeError):
        write_both(page, "\ud800", '{"second": 1}')  # after its content, so that half was written
    assert (page.read_text(), (tmp_path / "report.json").read_text()) == ("first", "{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]
