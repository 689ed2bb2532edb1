#!/usr/bin/env bash
# Guess: a push with dulwich that a hook of the server declines raises an error, and the command `dulwich push` exits with another code than 0, as `git push` does.
# Behaviour: porcelain.push() returns, after the lines "Push to … successful." and "Push of ref … failed". The command exits with 0. Only ref_status of the result, or
# the text, shows that nothing was pushed. A push that is not a fast-forward, which dulwich itself notices, does raise.
# Why it matters to us: Gogs declines pushes to protected branches in such a hook, and so does a server that is read only for a migration. A job that mirrors or
# publishes with dulwich then reports success, and the commits are missing on the server. The acceptance suite pushes with git. Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); daemon=; trap '[[ -z $daemon ]] || kill $daemon || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '; git --version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q --bare server; printf '#!/bin/sh\necho protected >&2\nexit 1\n' >server/hooks/update; chmod +x server/hooks/update
git init -q local; git -C local commit -q --allow-empty -m first
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
git daemon --base-path="$work" --export-all --enable=receive-pack --listen=127.0.0.1 --port="$port" --reuseaddr 2>daemon.log & daemon=$!
url=git://127.0.0.1:$port/server
for _ in $(seq 40); do git ls-remote "$url" >/dev/null 2>&1 && break; sleep 0.25; done; git ls-remote "$url" || { echo "the server did not start"; exit 2; }
cat >push.py <<'PY'
import io, sys, warnings
from dulwich import porcelain
warnings.simplefilter("ignore")
lines = io.BytesIO()
result = porcelain.push("local", sys.argv[1], "main", outstream=lines, errstream=lines)
text = lines.getvalue().decode()
print("porcelain.push: no exception,", "successful" if " successful." in text else "no success", "and", "failed" if " failed: hook declined" in text else "no failure",
      "in the text, ref_status", {name.decode(): status for name, status in result.ref_status.items()})
PY
{
  venv/bin/python push.py "$url"
  (cd local && ../venv/bin/dulwich push "$url" main >../dulwich.log 2>&1) && code=0 || code=$?; echo "dulwich push: exit code $code"
  git -C local push -q "$url" main >git.log 2>&1 && code=0 || code=$?; echo "git push: exit code $code"
  echo "refs of the server: $(git -C server for-each-ref | wc -l)"
} | tee seen
diff seen - <<'SEEN' || { cat dulwich.log git.log; echo "the behaviour has changed"; exit 1; }
porcelain.push: no exception, successful and failed in the text, ref_status {'refs/heads/main': 'hook declined'}
dulwich push: exit code 0
git push: exit code 1
refs of the server: 0
SEEN
