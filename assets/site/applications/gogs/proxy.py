"""The rules of HAProxy that recognize requests that only read from Gogs. See `applications.profile.Proxy`."""

from __future__ import annotations

from applications.profile import Proxy, Refusal

RULES = r"""
# Gogs shows these to anybody.
acl internal path,url_dec -m reg -i ^/+(debug/+pprof|urlmap\.json|-/+metrics)
http-request deny deny_status 404 if internal

# What only reads.
acl get_like method GET HEAD OPTIONS
acl post method POST
acl fetch_pack path_reg ^/[^/%]+/[^/%]+/git-upload-pack$
acl lfs_batch path_reg ^/[^/%]+/[^/%]+/info/lfs/objects/batch$
acl offers_push path_end /info/refs
acl asks_to_push urlp(service) -m str git-receive-pack
http-request wait-for-body time 10s if post lfs_batch
acl asks_for_download req.body,json_query('$.operation') -m str download
http-request set-var(txn.kind) str(read) if get_like !offers_push || get_like !asks_to_push || post fetch_pack || post lfs_batch asks_for_download
# Addresses of Gogs that change something when they are only visited, of its releases from 0.11 on.
acl acts_when_visited path,url_dec -m reg -i ^/+([^/]+/+){1,2}action/+[^/]+/*$ ^/+org/+[^/]+/+(members|teams/+[^/]+)/+action/ ^/+[^/]+/+[^/]+/+milestones/+[0-9]+/+(open|close)/*$
acl acts_when_visited path,url_dec -m reg -i ^/+[^/]+/+[^/]+/+tasks/+trigger/*$ ^/+admin/+notices/+empty/*$ ^/+user/+activate(_email)?/*$
http-request set-var(txn.kind) str(write) if acts_when_visited
# Gogs marks an issue or a pull request as read when a signed-in user visits it (internal/route/repo: ViewIssue, checkPullInfo). Nobody is
# signed in without a cookie or a header; with one anybody may be.
acl marks_as_read path,url_dec -m reg ^/+[^/]+/+[^/]+/+(issues|pulls)/+[0-9]+(/+(commits|files))?/*$
acl may_be_signed_in req.hdr(cookie) -m found
acl may_be_signed_in req.hdr(authorization) -m found
http-request set-var(txn.kind) str(visit) if get_like marks_as_read may_be_signed_in
"""

PROXY = Proxy(
    rules=RULES.strip(),
    refusals=(
        Refusal("lfs", "path_sub /info/lfs/", "application/vnd.git-lfs+json"),
        Refusal("api", "path_beg /api/", "application/json"),
    ),
    # With reverse-proxy authentication Gogs takes the user from this header, unless its settings name another one, and trusts the proxy.
    identity_headers=("X-WEBAUTH-USER",),
)
