#!/usr/bin/env bash
# Guess: Sync2 of xorm only adds what is missing in a table; its documentation says that it deletes no table and no column.
# Behaviour: it keeps a column that the program does not know, and drops an index that the program does not know, without a word. Of the column it logs a warning.
# Why it matters to us: Gogs calls Sync2 at each start with this version. An index that an operator added to a table of the source is gone in the target from the first start,
# and pages that needed it are slow after the move.
# Needs root (Debian roots) and Go.
set -euo pipefail
command -v go >/dev/null || { echo "needs Go"; exit 2; }
. "$(dirname "$0")/lib/server.sh"
install_mariadb; start_server mariadb
mkdir "$work/program"; cd "$work/program"; export GOFLAGS=-modcacherw GOTOOLCHAIN=local CGO_ENABLED=0; go mod init look 2>/dev/null
go get xorm.io/xorm@v0.8.0 xorm.io/core@v0.7.2 github.com/go-sql-driver/mysql@v1.7.0 2>get || { cat get; echo "the modules could not be installed"; exit 2; }
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	_ "github.com/go-sql-driver/mysql"
	"xorm.io/core"
	"xorm.io/xorm"
)

type Issue struct {
	ID     int64 `xorm:"pk autoincr"`
	RepoID int64 `xorm:"INDEX"`
	Title  string
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() {
	engine, err := xorm.NewEngine("mysql", "root@unix("+os.Args[1]+")/d")
	check(err)
	engine.SetMapper(core.GonicMapper{})
	show := func(title string) {
		rows, err := engine.QueryString("SELECT GROUP_CONCAT(DISTINCT index_name ORDER BY index_name) AS i FROM information_schema.statistics WHERE table_schema = 'd'")
		check(err)
		columns, err := engine.QueryString("SELECT GROUP_CONCAT(column_name ORDER BY ordinal_position) AS c FROM information_schema.columns WHERE table_schema = 'd'")
		check(err)
		fmt.Printf("%s: columns %s, indexes %s\n", title, columns[0]["c"], rows[0]["i"])
	}
	check(engine.Sync2(new(Issue)))
	show("first start")
	_, err = engine.Exec("ALTER TABLE issue ADD COLUMN note VARCHAR(9), ADD INDEX by_operator (repo_id, title)")
	check(err)
	show("changed by an operator")
	fmt.Println("Sync2:", engine.Sync2(new(Issue)))
	show("second start")
}
GO
GOFLAGS="$GOFLAGS -mod=mod" go build -o look . 2>build || { cat build; echo "the module could not be built"; exit 2; }
ask mariadb "CREATE DATABASE d"
grep -hE 'xorm.io/xorm ' go.mod; ./look "$work/mariadb/srv/data/server.sock" | tee "$work/seen"
diff <(grep -v '^\[xorm\]' "$work/seen") - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
first start: columns id,repo_id,title, indexes IDX_issue_repo_id,PRIMARY
changed by an operator: columns id,repo_id,title,note, indexes by_operator,IDX_issue_repo_id,PRIMARY
Sync2: <nil>
second start: columns id,repo_id,title,note, indexes IDX_issue_repo_id,PRIMARY
SEEN
