#!/usr/bin/env bash
# Guess: libraries that rewrite the address of a repository for another protocol (giturlparse of PyPI, git-url-parse of npm) drop the port of the old protocol, or refuse; the
# address for the same protocol names the same place.
# Behaviour: giturlparse writes ssh://git@host:2222/owner/name as git@host:2222/owner/name.git, in which git reads a path 2222/owner on port 22, and its git:// form has the port
# within the name of the host. Of http://host:3000/… it finds no owner, and says that the address is valid. git-url-parse takes the port along: the port of SSH into https://, and 3000 of plain HTTP
# into https:// and ssh://.
# Why it matters to us: sites of Gogs often have ports of their own (2222, 3000), and scripts that move the remotes of clones and mirrors to a new name use such a library. Where the other port listens,
# a push goes elsewhere. Git over SSH gets a name of its own on our target, so that some remotes are rewritten (docs/runbook.md, names). Needs git, Node.js and npm.
set -euo pipefail
command -v npm >/dev/null && command -v git >/dev/null || { echo "needs git, Node.js and npm"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check giturlparse==0.16.0 || exit 2
cd "$work"; npm install --silent --no-audit --no-fund git-url-parse@16.1.0 || exit 2
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^giturlparse '; npm ls --depth 0 | grep ──
cat >look.py <<'PY'
import giturlparse
for address in ("ssh://git@git.example.com:2222/owner/name.git", "https://git.example.com:8443/owner/name.git", "http://git.example.com:3000/owner/name.git"):
    parsed = giturlparse.parse(address)
    print(f"giturlparse {address}: valid {parsed.valid}, owner {parsed.owner!r}")
    for protocol in ("ssh", "https", "git"): print(f"  {protocol}: {parsed.urls[protocol]}")
PY
cat >look.mjs <<'JS'
import parse from 'git-url-parse';
for (const address of ['ssh://git@git.example.com:2222/owner/name.git', 'https://git.example.com:8443/owner/name.git', 'http://git.example.com:3000/owner/name.git']) {
  const parsed = parse(address);
  console.log(`git-url-parse ${address}: owner '${parsed.owner}'`);
  for (const protocol of ['ssh', 'https']) console.log(`  ${protocol}: ${parsed.toString(protocol)}`);
}
JS
{ venv/bin/python look.py; node look.mjs; } | tee seen
address=$(sed -n '2s/.*: //p' seen)
echo "git connects for $address with: $(GIT_SSH_COMMAND='echo >&2' GIT_SSH_VARIANT=ssh git ls-remote "$address" 2>&1 | head -1)" | tee -a seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
giturlparse ssh://git@git.example.com:2222/owner/name.git: valid True, owner 'owner'
  ssh: git@git.example.com:2222/owner/name.git
  https: https://git.example.com/owner/name.git
  git: git://git.example.com2222/owner/name.git
giturlparse https://git.example.com:8443/owner/name.git: valid True, owner 'owner'
  ssh: git@git.example.com::8443/owner/name.git
  https: https://git.example.com/owner/name.git
  git: git://git.example.com:8443/owner/name.git
giturlparse http://git.example.com:3000/owner/name.git: valid True, owner ''
  ssh: git@git.example.com:3000:owner/name.git
  https: https://git.example.com:3000/owner/name.git
  git: git://git.example.com:3000/owner/name.git
git-url-parse ssh://git@git.example.com:2222/owner/name.git: owner 'owner'
  ssh: ssh://git@git.example.com:2222/owner/name.git
  https: https://git.example.com:2222/owner/name.git
git-url-parse https://git.example.com:8443/owner/name.git: owner 'owner'
  ssh: ssh://git@git.example.com:8443/owner/name.git
  https: https://git.example.com:8443/owner/name.git
git-url-parse http://git.example.com:3000/owner/name.git: owner 'owner'
  ssh: ssh://git@git.example.com:3000/owner/name.git
  https: https://git.example.com:3000/owner/name.git
git connects for git@git.example.com:2222/owner/name.git with: -o SendEnv=GIT_PROTOCOL git@git.example.com git-upload-pack '2222/owner/name.git'
SEEN
