"""The comparison from outside finds what is missing, and says so by name."""

import subprocess
from pathlib import Path

from rehearsal.job.comparison import Comparison, compare_files, compare_repositories, compare_rows


def commit(repository: Path) -> str:
    tree = subprocess.check_output(["git", "mktree"], input=b"", cwd=repository).decode().strip()
    author = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    done = subprocess.check_output(["git", "commit-tree", tree, "-m", "m"], cwd=repository, env=author)
    subprocess.run(["git", "update-ref", "refs/heads/master", done.decode().strip()], cwd=repository, check=True)
    return done.decode().strip()


def test_a_row_missing_on_the_target_is_named() -> None:
    # Given two tables, one without a primary key, and a target that lacks one row
    def source(statement: str) -> list[str]:
        if "key_column_usage" in statement:
            return ["issue\tid"]
        return ["issue", "odd"] if "information_schema.tables" in statement else ["1", "2"]

    result = Comparison()
    # When they are compared
    compare_rows(source, lambda _: ["1", "3"], "gogs", result)
    # Then the row is named, and the table that could not be compared too
    assert result.rows == 2
    assert result.missing == ["row '2' of table issue", "table odd has no primary key, its rows could not be compared"]


def test_a_lost_repository_and_a_lost_commit_are_named(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for path in (source / "a/kept.git", source / "a/lost.git", target / "a/kept.git"):
        subprocess.run(["git", "init", "-q", "--bare", str(path)], check=True)
    lost = commit(source / "a/kept.git")
    result = Comparison()
    compare_repositories(source, target, result)
    assert result.missing == [f"refs/heads/master ({lost}) of repository a/kept.git", "repository a/lost.git"]
    assert (result.repositories, result.refs) == (2, 1)


def test_a_file_that_differs_is_named(tmp_path: Path) -> None:
    for side, text in (("source", "one"), ("target", "two")):
        file = tmp_path / side / "attachments/a/b/uuid"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    result = Comparison()
    compare_files(tmp_path / "source", tmp_path / "target", result)
    assert result.missing == ["file attachments/a/b/uuid"]
    assert result.files["attachments"] == 1
