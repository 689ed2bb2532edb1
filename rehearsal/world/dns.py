"""The VPC's resolver at 169.254.169.253. The provider resolves each query for the address that sent it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from dnslib import CLASS, CNAME, MX, NS, PTR, QTYPE, RCODE, RR, SOA, SRV, TXT, A, DNSError, DNSRecord  # type: ignore[import-untyped]

from rehearsal.world.provider import Answer

Resolve = Callable[[str, str, str], list[Answer] | None]
"""(name, kind, address of the client) -> answers; None: there is no such name"""
_log = logging.getLogger(__name__)
_DATA = {"A": A, "CNAME": CNAME, "NS": NS, "PTR": PTR, "SOA": SOA, "TXT": TXT}


def reply(query: bytes, asker: str, resolve: Resolve) -> bytes:
    """Return the bytes of the response. An error of the resolver becomes SERVFAIL (and is logged), never NXDOMAIN.

    Raises dnslib.DNSError when `query` is no DNS message.
    """
    request = DNSRecord.parse(query)
    answer = request.reply()
    name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE.get(request.q.qtype, str(request.q.qtype))
    try:
        records = resolve(name, kind, asker)
        for record in records or []:
            for value in record.values:
                answer.add_answer(_record(record, value, request, answer))
    except Exception:  # noqa: BLE001  logged; the client gets SERVFAIL
        _log.exception("resolver failed for %s %s", kind, name)
        answer.header.rcode = RCODE.SERVFAIL
        return bytes(answer.pack())
    if records is None:
        answer.header.rcode = RCODE.NXDOMAIN
    answer.header.ra = 1
    return bytes(answer.pack())


def _record(record: Answer, value: str, request: DNSRecord, answer: DNSRecord) -> RR:
    """Return one resource record. A record after a CNAME has the name that the CNAME points to."""
    owner = request.q.qname
    for earlier in answer.rr:
        if earlier.rtype == QTYPE.CNAME:
            owner = earlier.rdata.label
    if record.kind == "MX":
        preference, host = value.split()
        data = MX(host, int(preference))
    elif record.kind == "SRV":
        priority, weight, port, host = value.split()
        data = SRV(int(priority), int(weight), int(port), host)
    else:
        data = _DATA[record.kind](value)
    return RR(owner, getattr(QTYPE, record.kind), CLASS.IN, record.ttl, data)


async def serve_udp(server: socket.socket, resolve: Resolve) -> None:
    """Respond to datagrams until cancelled, several at a time. Ignores what is no DNS message."""
    loop = asyncio.get_running_loop()
    questions: set[asyncio.Task[None]] = set()

    async def answer(query: bytes, asker: tuple[str, int]) -> None:
        try:
            data = await loop.run_in_executor(None, reply, query, asker[0], resolve)
        except DNSError:
            return
        await loop.sock_sendto(server, data, asker)

    try:
        while True:
            query, asker = await loop.sock_recvfrom(server, 4096)
            task = loop.create_task(answer(query, asker))
            questions.add(task)
            task.add_done_callback(questions.discard)
    finally:
        for task in questions:
            task.cancel()
        server.close()


async def answer_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, resolve: Resolve) -> None:
    """Respond to the queries of one TCP connection."""
    asker = writer.get_extra_info("peername")[0]
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            query = await reader.readexactly(length)
            data = await asyncio.get_running_loop().run_in_executor(None, reply, query, asker, resolve)
            writer.write(len(data).to_bytes(2, "big") + data)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, DNSError):
        pass
    finally:
        writer.close()
