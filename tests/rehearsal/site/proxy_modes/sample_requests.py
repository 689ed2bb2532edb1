"""Requests of clients, by what a frozen proxy does with them: method, path, body."""

from __future__ import annotations

READS = [
    ("GET", "/", b""),
    ("HEAD", "/alice/app", b""),
    ("GET", "/api/v1/repos/alice/app", b""),
    ("GET", "/alice/app.git/info/refs?service=git-upload-pack", b""),
    ("POST", "/alice/app.git/git-upload-pack", b"0000"),
    ("POST", "/alice/app.git/info/lfs/objects/batch", b'{"operation": "download", "objects": []}'),
    ("GET", "/alice/app/milestones/3/edit", b""),
    ("GET", "/alice/app/src/master/action/star", b""),
    ("GET", "/alice/app/src/master/tasks/trigger", b""),
    ("GET", "/user/settings", b""),
]
WRITES = [
    ("POST", "/alice/app/issues/new", b"title=x"),
    ("POST", "/user/login", b"user_name=x"),
    ("PUT", "/api/v1/repos/alice/app/contents/x", b"{}"),
    ("PATCH", "/api/v1/repos/alice/app/issues/1", b"{}"),
    ("DELETE", "/api/v1/repos/alice/app", b""),
    ("PROPFIND", "/alice/app", b""),
    ("GET", "/alice/app.git/info/refs?service=git-receive-pack", b""),
    ("POST", "/alice/app.git/git-receive-pack", b"0000"),
    ("POST", "/alice/app.git/info/lfs/objects/batch", b'{"operation": "upload", "objects": []}'),
    ("POST", "/alice/app.git/info/lfs/objects/batch", b"not json"),
    ("PUT", "/alice/app.git/info/lfs/objects/basic/abc", b"x"),
    # A file of this name in the web editor is a write, although the path ends like a read.
    ("POST", "/alice/app/_new/master/git-upload-pack", b"x"),
    ("POST", "/alice/app%2f_new/git-upload-pack", b"x"),
    # Gogs changes data when a client only reads these addresses.
    ("GET", "/alice/app/tasks/trigger?branch=x&secret=y&pusher=1", b""),
    ("GET", "/alice/app/milestones/3/close", b""),
    ("GET", "//alice/app//milestones/3/open/", b""),
    ("HEAD", "/alice/app/tasks/trigger", b""),
    ("GET", "/alice/app/%74asks/trigger", b""),
    ("GET", "/alice/app/action/star", b""),
    ("GET", "/alice/action/follow", b""),
    ("GET", "/org/acme/members/action/private?uid=1", b""),
    ("GET", "/org/acme/teams/owners/action/leave?uid=1", b""),
    ("GET", "/admin/notices/empty", b""),
    ("GET", "/user/activate?code=x", b""),
    ("GET", "/user/activate_email?code=x", b""),
]
INTERNAL = ["/debug/pprof/heap", "/urlmap.json", "/-/metrics", "//debug/pprof", "/%64ebug/pprof/", "/URLMAP.json"]
"""pages that nobody outside of the server may see"""
