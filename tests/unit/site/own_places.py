"""The object `installation` of site.json for a Gogs that somebody else installed."""

from __future__ import annotations

from typing import Any

FACTS: dict[str, Any] = {
    "program": "/home/git/gogs/gogs",
    "settings": "/home/git/gogs/custom/conf/app.ini",
    "work_folder": "/home/git/gogs",
    "custom_folder": "/home/git/gogs/custom",
    "data_folder": "/home/git/gogs/data",
    "log_folder": "/home/git/gogs/log",
    "roots": {
        "repositories": "/home/git/gogs-repositories",
        "data/attachments": "/home/git/gogs/data/attachments",
        "data/ssh": "/home/git/gogs/data/ssh",
        "data/sessions": "/mnt/sessions",
    },
    "home": "/home/git",
    "user": "git",
    "uid": 1000,
    "group": "users",
    "gid": 100,
    "unit": "forge.service",
    "schema": "forge",
    "listens": {"http": 3001, "ssh": 2224},
    "front": {"http": "127.0.0.1:3000", "ssh": "0.0.0.0:2222"},
}
