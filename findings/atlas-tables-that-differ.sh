#!/usr/bin/env bash
# Guess: the diff of two schemas that the library Atlas (Go) has inspected in MySQL finds each difference of tables that changes which values a table accepts
# or stores; only views, triggers, partitions and the like are left to its commercial edition.
# Behaviour: it finds another type, default, collation or generated expression, the order of ENUM members, UNSIGNED, fractions, and prefix and direction of an index. Two tables
# are equal to it that differ in ON UPDATE CURRENT_TIMESTAMP, in the condition of a CHECK of the same name, in the SRID of a column, or in an index that is invisible.
# Nothing warns of them.
# Why it matters to us: a target whose tables it calls equal keeps old times, accepts rows that the source refuses, and plans queries otherwise. We compare both servers'
# information_schema and CREATE statements. Needs root (Debian roots) and Go.
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
PORT=33987
install_mysql; start_server mysql --skip-networking=0 --bind-address=127.0.0.1 --port=$PORT
ask mysql "CREATE USER atlas@127.0.0.1 IDENTIFIED BY 'atlas'; GRANT ALL ON *.* TO atlas@127.0.0.1"
mkdir "$work/diff"; cd "$work/diff"
cat >main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	_ "github.com/go-sql-driver/mysql"
)

var cases = [][3]string{
	{"type", "v INT", "v INT UNSIGNED"},
	{"default", "v INT DEFAULT 1", "v INT DEFAULT 2"},
	{"collation", "v VARCHAR(9) COLLATE utf8mb4_bin", "v VARCHAR(9) COLLATE utf8mb4_0900_ai_ci"},
	{"order of ENUM", "v ENUM('a', 'b')", "v ENUM('b', 'a')"},
	{"generated expression", "v INT AS (id + 1)", "v INT AS (id + 2)"},
	{"prefix of an index", "v VARCHAR(99), KEY k (v)", "v VARCHAR(99), KEY k (v(5))"},
	{"direction of an index", "v INT, KEY k (v)", "v INT, KEY k (v DESC)"},
	{"ON UPDATE", "v DATETIME DEFAULT CURRENT_TIMESTAMP", "v DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"},
	{"condition of a CHECK", "v INT, CONSTRAINT c CHECK (v > 1)", "v INT, CONSTRAINT c CHECK (v > 2)"},
	{"CHECK not enforced", "v INT, CONSTRAINT c CHECK (v > 1)", "v INT, CONSTRAINT c CHECK (v > 1) NOT ENFORCED"},
	{"SRID", "v POINT NOT NULL SRID 4326", "v POINT NOT NULL SRID 0"},
	{"invisible index", "v INT, KEY k (v)", "v INT, KEY k (v) INVISIBLE"},
}

func do(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func inspect(db *sql.DB, name, columns string) (*schema.Schema, error) {
	for _, statement := range []string{"CREATE DATABASE " + name, "CREATE TABLE " + name + ".t (id INT NOT NULL, " + columns + ")"} {
		_, err := db.Exec(statement)
		do(err)
	}
	driver, err := mysql.Open(db)
	do(err)
	return driver.InspectSchema(context.Background(), name, nil)
}

func main() {
	db, err := sql.Open("mysql", "atlas:atlas@tcp(127.0.0.1:"+os.Args[1]+")/")
	do(err)
	driver, err := mysql.Open(db)
	do(err)
	for number, one := range cases {
		here, err := inspect(db, fmt.Sprintf("d%d_0", number), one[1])
		do(err)
		there, err := inspect(db, fmt.Sprintf("d%d_1", number), one[2])
		do(err)
		there.Name = here.Name
		changes, err := driver.SchemaDiff(here, there)
		do(err)
		found := "not found"
		if len(changes) > 0 {
			found = "found"
		}
		fmt.Printf("%s: %s\n", one[0], found)
	}
}
GO
printf 'module seen\ngo 1.24\nrequire (\n\tariga.io/atlas v0.32.0\n\tgithub.com/go-sql-driver/mysql v1.9.3\n)\n' >go.mod
{ go mod tidy && go build -o seen .; } >"$work/build" 2>&1 ||
  { cat "$work/build"; echo "the program could not be built"; exit 2; }
go list -m ariga.io/atlas
./seen $PORT >"$work/seen" 2>"$work/errors" || { cat "$work/errors"; echo "the tables could not be compared"; exit 2; }
cat "$work/seen"
diff <(sed -n 's/: not found//p' "$work/seen" | paste -sd,) - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
ON UPDATE,condition of a CHECK,SRID,invisible index
SEEN
[[ $(wc -l <"$work/seen") == 12 ]] || { echo "the behaviour has changed"; exit 1; }
