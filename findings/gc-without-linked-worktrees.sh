#!/usr/bin/env bash
# Guess: gc of a Git library (Git.gc() of JGit, `dulwich gc`), like `git gc`, keeps whatever the repository still names: by a ref, the index, a reflog or a linked worktree.
# Behaviour: JGit does not look at linked worktrees. What only the HEAD or the index of one names is removed once it is two weeks old, and the worktree has a "bad object HEAD". dulwich removes
# that too, and what is only in the index of the main worktree or in a reflog, older stashes among it. Both write nothing about it but counts.
# Why it matters to us: a clean-up of repositories before a move, so that less has to be copied, destroys what nobody pushed yet. What is removed before the copy is in
# no comparison. We copy repositories as they are. Needs git, Java and Maven.
set -euo pipefail
for tool in git javac mvn; do command -v $tool >/dev/null || { echo "needs git, Java and Maven"; exit 2; }; done
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check dulwich==1.2.21 || exit 2
mkdir "$work/java"; cat >"$work/java/pom.xml" <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.eclipse.jgit</groupId><artifactId>org.eclipse.jgit</artifactId><version>7.8.1.202611041320-r</version></dependency></dependencies>
</project>
XML
(cd "$work/java" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib) >"$work/mvn" 2>&1 || { cat "$work/mvn"; echo "the library could not be installed"; exit 2; }
cat >"$work/java/Look.java" <<'JAVA'
import java.io.File;
import org.eclipse.jgit.api.Git;

public class Look {
    public static void main(String[] folders) throws Exception {
        try (Git git = Git.open(new File(folders[0]))) { System.out.println(git.gc().call()); }
    }
}
JAVA
(cd "$work/java" && javac -cp 'lib/*' Look.java) || { echo "the program could not be built"; exit 2; }
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^dulwich '; basename "$work"/java/lib/org.eclipse.jgit-*.jar; git --version
cd "$work"; export HOME=$work GIT_CONFIG_NOSYSTEM=1
git config --global user.name a; git config --global user.email a@example.com; git config --global init.defaultBranch main
git init -q main; cd main; echo 1 >file; git add file; git commit -q -m first
git worktree add -q --detach ../linked; (cd ../linked; echo 2 >worktree; git add worktree; git commit -q -m "in the worktree"; echo 3 >staged; git add staged)
echo 4 >reset; git add reset; git commit -q -m "reset away"; git reset -q --hard HEAD~
echo 5 >>file; git stash -q; echo 6 >>file; git stash -q
echo 7 >index; git add index
objects="a branch:$(git rev-parse main) the index:$(git rev-parse :index) the newest stash:$(git rev-parse stash) an older stash:$(git rev-parse 'stash@{1}')
a reflog:$(git rev-parse 'main@{1}') HEAD of a worktree:$(git -C ../linked rev-parse HEAD) the index of a worktree:$(git -C ../linked rev-parse :staged)"
cd ..; find main/.git/objects -type f -exec touch -d '3 weeks ago' {} +
for tool in git JGit dulwich; do
  mkdir $tool; cp -a main linked $tool; sed -i "s|$work/|$work/$tool/|" $tool/linked/.git $tool/main/.git/worktrees/linked/gitdir
  git -C $tool/linked status --porcelain >/dev/null || { echo "the copy is not usable"; exit 2; }
done
git -C git/main gc -q
java -Duser.home="$work" -cp 'java/lib/*:java' Look JGit/main >log 2>&1 || { cat log; echo "gc of JGit failed"; exit 1; }
(cd dulwich/main && ../../venv/bin/dulwich gc >>../../log 2>&1) || { cat log; echo "gc of dulwich failed"; exit 1; }
for tool in git JGit dulwich; do
  for state in there gone; do
    names=$(grep -oE '[a-zA-Z][a-zA-Z ]*:[0-9a-f]{40}' <<<"$objects" | while IFS=: read -r name object; do
      git -C $tool/main cat-file -e "$object" 2>/dev/null && found=there || found=gone; [[ $found != "$state" ]] || echo -n "$name, "
    done)
    echo "after gc of $tool, $state: ${names%, }"
  done
done | tee seen
echo "the worktree after gc of JGit: $(git -C JGit/linked log -1 2>&1 | head -1)"
diff seen - <<'SEEN' || { cat log; echo "the behaviour has changed"; exit 1; }
after gc of git, there: a branch, the index, the newest stash, an older stash, a reflog, HEAD of a worktree, the index of a worktree
after gc of git, gone: 
after gc of JGit, there: a branch, the index, the newest stash, an older stash, a reflog
after gc of JGit, gone: HEAD of a worktree, the index of a worktree
after gc of dulwich, there: a branch, the newest stash
after gc of dulwich, gone: the index, an older stash, a reflog, HEAD of a worktree, the index of a worktree
SEEN
