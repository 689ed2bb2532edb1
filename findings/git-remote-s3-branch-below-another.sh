#!/usr/bin/env bash
# Guess: a push to S3 with git-remote-s3 of a branch "work", where the remote has a branch "work/one", is refused, as git refuses it in each repository: a ref cannot be a folder too.
# Behaviour: the push succeeds and removes work/one from the bucket. The tool takes the bundle of each ref below for the older bundle of this ref. Without force it wants that bundle's commit to be an
# ancestor; with --force the commits that were only in work/one are gone. git writes "new branch", and the exit code is 0.
# Why it matters to us: such a bucket is a cheap copy of repositories beside a migration, and one push to one branch takes another one away. Our copies are EFS and its backups. Needs git.
set -euo pipefail
command -v git >/dev/null || { echo "needs git"; exit 2; }
work=$(mktemp -d); server=; trap '[[ -z $server ]] || kill $server || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check git-remote-s3==0.4.2 'moto[server]==5.2.5' boto3==1.44.8 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(boto3|git-remote-s3|moto) '; git --version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1 PATH="$work/venv/bin:$PATH"
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL=http://127.0.0.1:$port
moto_server -p "$port" >moto.log 2>&1 & server=$!
for _ in $(seq 80); do python -c 'import boto3; boto3.client("s3").create_bucket(Bucket="repositories")' 2>/dev/null && break; sleep 0.25; done
git init -q --bare server; git init -q local; cd local; git commit -q --allow-empty -m first
list() { git ls-remote "$1" 'refs/heads/*' 2>/dev/null | sed 's|.*refs/heads/||' | sort | xargs; }
attempt() { # $1: the name of the remote, $2: its address, $3: an option of the last push
  local code
  git push -q "$2" main main:work/one 2>/dev/null || { cat ../moto.log; echo "the remote could not be used"; exit 2; }
  [[ -z $3 ]] || { git switch -q -c one; git commit -q --allow-empty -m "in work/one alone"; git push -q "$2" one:work/one 2>/dev/null; git switch -q main; git branch -q -D one; }
  echo "$1$3: before $(list "$2")"
  git push -q $3 "$2" main:work >../push 2>&1 && code=0 || code=1
  echo "$1$3: exit code $code, after $(list "$2")"
}
{ attempt git ../server ""; attempt git-remote-s3 s3://repositories/a ""; attempt git-remote-s3 s3://repositories/b " --force"; } | tee ../seen
diff ../seen - <<'SEEN' || { cat ../push; echo "the behaviour has changed"; exit 1; }
git: before main work/one
git: exit code 1, after main work/one
git-remote-s3: before main work/one
git-remote-s3: exit code 0, after main work
git-remote-s3 --force: before main work/one
git-remote-s3 --force: exit code 0, after main work
SEEN
