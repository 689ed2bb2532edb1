# Database servers of Debian for the scripts beside this folder. To be sourced; needs root (chroot) and mmdebstrap. Sets $work, a temporary folder.
# Each server runs as nobody below $work, without network, and is stopped by its process id.
MARIADB=1:11.8.9+ds-0+deb13u1  # of trixie
MYSQL=9.7.4-2                  # of sid
((EUID == 0)) || { echo "needs root: it starts a server in a Debian root"; exit 2; }
work=$(mktemp -d); servers=()

stop_servers() {
  if ((${#servers[@]})); then kill "${servers[@]}" 2>/dev/null || true; wait "${servers[@]}" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap stop_servers EXIT

install_root() { # $1: name of the root, $2: suite, then package=version
  local name=$1 suite=$2; shift 2
  mmdebstrap --quiet --variant=essential --aptopt='Acquire::Check-Valid-Until "false"' --include="$(IFS=,; echo "$*")" \
    "$suite" "$work/$name" >"$work/$name.log" 2>&1 ||
    { cat "$work/$name.log"; echo "the packages could not be installed"; exit 2; }
  install -d -o 65534 -g 65534 "$work/$name/srv/data"; chmod 755 "$work"
}

# The names `mariadb` and `mysql` are those of the roots and of the client programs in them. $@: more packages, as package=version.
install_mariadb() { install_root mariadb trixie "mariadb-server-core=$MARIADB" "mariadb-client-core=$MARIADB" "mariadb-client=$MARIADB" "$@"; }
install_mysql() { install_root mysql sid "mysql-server-core=$MYSQL" "mysql-client-core=$MYSQL" "$@"; }

start_server() { # $1: mariadb or mysql, then options of the server
  local name=$1 program=mysqld run=(chroot --userspec=65534:65534 "$work/$1"); shift
  if [[ $name == mariadb ]]; then
    program=mariadbd
    "${run[@]}" mariadb-install-db --no-defaults --force --datadir=/srv/data --auth-root-authentication-method=normal --skip-test-db >"$work/$name.init" 2>&1
  else
    "${run[@]}" mysqld --no-defaults --initialize-insecure --datadir=/srv/data >"$work/$name.init" 2>&1; set -- --mysqlx=OFF --secure-file-priv=NULL "$@"
  fi || { cat "$work/$name.init"; echo "the server could not be set up"; exit 2; }
  "${run[@]}" $program --no-defaults --datadir=/srv/data --skip-networking --socket=/srv/data/server.sock --pid-file=/srv/data/server.pid \
    --log-bin=log --server-id=1 --binlog-format=ROW "$@" >"$work/$name.err" 2>&1 &
  servers+=($!)
  for _ in $(seq 240); do [[ $(ask "$name" "SELECT 'ready'") == ready ]] && break; sleep 0.5; done
  [[ $(ask "$name" "SELECT 'ready'") == ready ]] || { cat "$work/$name.err"; echo "the server did not start"; exit 2; }
  echo "$name $(ask "$name" "SELECT version()")"
}

ask() { # $1: mariadb or mysql, $2: statements, then options of the client; prints rows (cells between tabs) or the error
  local name=$1 statements=$2; shift 2
  chroot "$work/$name" "$name" --no-defaults -N -B -u root -S /srv/data/server.sock "$@" <<<"$statements" 2>&1 || true
}
