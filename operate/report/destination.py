"""The two files of a report: the page, and its content as JSON beside it. Both are written, or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

SUFFIXES = (".html", ".htm")


def get_content_path(page: Path) -> Path:
    """Return the path of the JSON beside the page."""
    return page.with_suffix(".json")


def find_problem(page: Path, inputs: Collection[Path], *, has_access: Callable[[Path, int], bool] = os.access) -> str:
    """Return why the two files cannot be written there, and what to do; empty if they can.

    `inputs`: files and folders that the report is made from. Neither may be replaced, and a folder of evidence must not get the content of a report.
    """
    if page.suffix not in SUFFIXES:
        return f"{page} does not end with .html; name a page such as report.html"
    folder = page.parent
    if not folder.is_dir():
        return f"there is no folder {folder} for {page.name}; create it, or name another page"
    sources = {path.resolve() for path in inputs}
    for file in (page, get_content_path(page)):
        if file.is_dir():
            return f"{file} is a folder; name another page"
        if file.resolve() in sources:
            return f"{file} is a file that the report is made from; name another page"
        if not (has_access(folder, os.W_OK | os.X_OK) and has_access(file if file.exists() else folder, os.W_OK)):
            return f"you may not write {file}; name a page in a folder of yours"
    if any(source in page.resolve().parents for source in sources):
        return f"{folder} has the evidence, and the JSON beside {page.name} would become a part of it; name a page in another folder"
    return ""


def write_both(page: Path, text: str, content: str) -> None:
    """Write the page and its content. An existing file is replaced only when both are complete. OSError when they cannot be written."""
    files = {get_content_path(page).resolve(): content, page.resolve(): text}
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        for path, data in files.items():
            temporary[path].write_text(data, encoding="utf-8")
        for path, complete in temporary.items():
            complete.replace(path)
    finally:
        for one in temporary.values():
            one.unlink(missing_ok=True)
