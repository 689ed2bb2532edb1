#!/usr/bin/env bash
# Guess: a reader of zone files knows what RFC 1035 lets a file contain (a line without a name, a second $ORIGIN, a text of two strings), or raises an error.
# Behaviour: dns-zonefile (npm) returns one $origin, the last of the file, beside relative names, so that the names before it move below it. A line of type AAAA
# without a name gets "@", while one of type A gets the name of the line before it. Times of the SOA lose their unit (1h is 1 second). zonefile_parser (PyPI) gives
# the zone's name to each line without one, and keeps the first string of a text. Neither reports an error. dnspython and dnsz read the same file as it is.
# Why it matters to us: the second address of the site is lost, or another name gets it, when a zone is moved or compared through such a reader. Our functions
# ask the DNS (common/clients/resolver.py).
set -euo pipefail
command -v node >/dev/null || { echo "needs Node.js"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check zonefile_parser==0.1.20 dnspython==2.9.2 || exit 2
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -iE '^(zonefile.parser|dnspython) '
npm init -y >/dev/null; npm install --silent --no-fund --no-audit dns-zonefile@0.3.2 dnsz@4.5.2 || exit 2
npm ls --depth=0 | grep -e "── "
cat > zone <<'ZONE'
$ORIGIN example.com.
$TTL 1h
@ IN SOA ns1.example.com. admin.example.com. ( 2026120101 1h 15m 2w 5m )
@ IN NS ns1.example.com.
git 60 IN A 192.0.2.10
    60 IN A 192.0.2.11
    60 IN AAAA 2001:db8::10
long 60 IN TXT "first part" "second part"
$ORIGIN sub.example.com.
host 60 IN A 192.0.2.20
ZONE
cat > look.py <<'PY'
import dns.rdatatype
import dns.zone
import zonefile_parser

text = open("zone").read()
for name, _, data in dns.zone.from_text(text, "example.com.", relativize=False).iterate_rdatas():
    if data.rdtype != dns.rdatatype.NS:
        print("dnspython:", name, dns.rdatatype.to_text(data.rdtype), data.to_text())
for record in zonefile_parser.parse(text):
    if record.rtype not in ("NS", "SOA"):
        print("zonefile_parser:", record.name, record.rtype, record.rdata["value"])
PY
cat > look.mjs <<'JS'
import { readFileSync } from "node:fs";
import zonefile from "dns-zonefile";
import { parseZone } from "dnsz";
const text = readFileSync("zone", "utf8"), zone = zonefile.parse(text);
const absolute = (name) => (name === "@" ? zone.$origin : `${name}.${zone.$origin}`);
console.log("dns-zonefile: $origin", zone.$origin, "SOA", zone.soa.refresh, zone.soa.retry, zone.soa.expire, zone.soa.minimum);
for (const { name, ip } of [...zone.a, ...zone.aaaa]) console.log("dns-zonefile:", name, "is", absolute(name), ip);
for (const { name, type, content } of parseZone(text).records) if (type !== "NS" && type !== "SOA") console.log("dnsz:", name, type, content);
JS
{ venv/bin/python look.py && node look.mjs; } > seen || { echo "the zone could not be read"; exit 2; }
cat seen
diff - seen <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
dnspython: example.com. SOA ns1.example.com. admin.example.com. 2026120101 3600 900 1209600 300
dnspython: git.example.com. A 192.0.2.10
dnspython: git.example.com. A 192.0.2.11
dnspython: git.example.com. AAAA 2001:db8::10
dnspython: long.example.com. TXT "first part" "second part"
dnspython: host.sub.example.com. A 192.0.2.20
zonefile_parser: git.example.com. A 192.0.2.10
zonefile_parser: example.com. A 192.0.2.11
zonefile_parser: example.com. AAAA 2001:db8::10
zonefile_parser: long.example.com. TXT first part
zonefile_parser: host.sub.example.com. A 192.0.2.20
dns-zonefile: $origin sub.example.com. SOA 1 15 2 5
dns-zonefile: git is git.sub.example.com. 192.0.2.10
dns-zonefile: git is git.sub.example.com. 192.0.2.11
dns-zonefile: host is host.sub.example.com. 192.0.2.20
dns-zonefile: @ is sub.example.com. 2001:db8::10
dnsz: git.example.com A 192.0.2.10
dnsz: git.example.com A 192.0.2.11
dnsz: git.example.com AAAA 2001:db8::10
dnsz: long.example.com TXT "first part" "second part"
dnsz: host.sub.example.com A 192.0.2.20
SEEN
