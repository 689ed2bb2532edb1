"""The addresses of the site, and the names that users can choose."""

from __future__ import annotations

from pathlib import Path

from gogs_standin.config.config import load
from gogs_standin.domain.users import RESERVED
from gogs_standin.store.database import Database
from gogs_standin.web.application import build_application
from gogs_standin.web.sessions import MemorySessions
from gogs_standin.web.site import Site


def test_names_that_the_site_uses_are_reserved(tmp_path: Path) -> None:
    (tmp_path / "app.ini").write_text("[database]\nTYPE = mysql\n")
    config = load(str(tmp_path / "app.ini"), tmp_path / "gogs", {})
    app = build_application(Site(config=config, database=Database(config), sessions=MemorySessions(60)))
    first_words = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    assert {word for word in first_words if word and not word.startswith("<")} == RESERVED
