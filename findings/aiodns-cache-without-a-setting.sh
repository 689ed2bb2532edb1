#!/usr/bin/env bash
# Guess: aiodns, like dnspython and the resolver of the C library, asks the DNS server for every query; whoever wants a cache adds one.
# Behaviour: its c-ares keeps answers in a resolver object for their TTL. Of three queries the server gets one; the other two return the old address after the record
# has changed. "No such name" is kept too, for the TTL of the zone's SOA. pycares has no option to switch it off; a new resolver object asks again. dnspython asks three times.
# Why it matters to us: a monitor that waits for a name to move, or to appear, sees it a TTL late. Our functions ask by the C library, which keeps nothing
# (common/clients/resolver.py).
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check aiodns==4.0.4 pycares==5.2.1 dnspython==2.9.2 dnslib==0.9.26 || exit 2
"$work/venv/bin/python" - <<'PY'
import asyncio, sys
from importlib.metadata import version
import aiodns, dns.exception, dns.resolver
from dnslib import A, QTYPE, RR, SOA
from dnslib.server import BaseResolver, DNSLogger, DNSServer


class Zone(BaseResolver):
    def __init__(self):
        self.records, self.queries = {}, 0

    def resolve(self, request, handler):
        self.queries += 1
        reply = request.reply()
        if address := self.records.get(str(request.q.qname)):
            reply.add_answer(RR(request.q.qname, QTYPE.A, rdata=A(address), ttl=300))
        else:
            reply.header.rcode = 3
            reply.add_auth(RR("example", QTYPE.SOA, rdata=SOA("ns.example", "admin.example", (1, 60, 60, 60, 60)), ttl=60))
        return reply


zone = Zone()
server = DNSServer(zone, address="127.0.0.1", port=0, logger=DNSLogger("-request,-reply,-truncated,-error"))
port = server.server.socket.getsockname()[1]
server.start_thread()


async def ask_aiodns():
    resolver = aiodns.DNSResolver(nameservers=["127.0.0.1"], udp_port=port, tcp_port=port)

    async def ask(name):
        try:
            return (await resolver.query_dns(name, "A")).answer[0].data.addr
        except aiodns.error.DNSError:
            return "no name"
    return await observe(ask)


async def ask_dnspython():
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port

    async def ask(name):
        try:
            return resolver.resolve(name, "A")[0].address
        except dns.resolver.NXDOMAIN:
            return "no name"
    return await observe(ask)


async def observe(ask):
    """Return what three queries of each name return, and how many the server got; the zone changes after the first."""
    result = []
    for name, before in (("site.example.", {"site.example.": "192.0.2.1"}), ("new.example.", {})):
        zone.records, zone.queries = before, 0
        seen = [await ask(name)]
        zone.records = {"site.example.": "192.0.2.2", "new.example.": "192.0.2.2"}
        result.append(([*seen, await ask(name), await ask(name)], zone.queries))
    return result


print("aiodns", version("aiodns"), "pycares", version("pycares"), "dnspython", version("dnspython"))
try:
    kept, asked = asyncio.run(ask_aiodns()), asyncio.run(ask_dnspython())
finally:
    server.stop()
for name, result in (("aiodns", kept), ("dnspython", asked)):
    for seen, queries in result:
        print(f"{name}: {seen}, queries that the server got: {queries}")
changed = kept != [(["192.0.2.1"] * 3, 1), (["no name"] * 3, 1)] or asked != [(["192.0.2.1", "192.0.2.2", "192.0.2.2"], 3), (["no name", "192.0.2.2", "192.0.2.2"], 3)]
if changed:
    print("the behaviour has changed")
sys.exit(changed)
PY
