"""A small HTTP/1.1 client that says exactly what goes over the wire."""

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import quote


@dataclass
class Answer:
    status: int
    headers: dict  # lower-case name -> last value
    body: bytes

    def json(self):
        return json.loads(self.body)


class Closed(Exception):
    """The peer closed before a whole answer came."""


async def read_answer(reader, method="GET"):
    """One answer; raises Closed when the connection ends first."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        raise Closed(error.partial) from None
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {}
    for line in lines[1:]:
        if line:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
    body = b""
    if method != "HEAD" and status not in (101, 204, 304) and status >= 200:
        if "content-length" in headers:
            try:
                body = await reader.readexactly(int(headers["content-length"]))
            except asyncio.IncompleteReadError as error:
                raise Closed(error.partial) from None
        elif headers.get("transfer-encoding") == "chunked":
            while True:
                size = int((await reader.readline()).split(b";")[0], 16)
                chunk = await reader.readexactly(size + 2)
                if size == 0:
                    break
                body += chunk[:-2]
        else:
            body = await reader.read()
    return Answer(status, headers, body)


class Connection:
    """One keep-alive connection."""

    def __init__(self, port, host="127.0.0.1"):
        self.port = port
        self.host = host
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def request(self, method, target, body=None, headers=None, timeout=15):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        payload = b""
        if body is not None:
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
            lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        await self.writer.drain()
        return await asyncio.wait_for(read_answer(self.reader, method), timeout)

    def close(self):
        if self.writer:
            self.writer.close()


async def request(port, method, target, body=None, headers=None, timeout=15, host="127.0.0.1"):
    """One request on a connection of its own."""
    connection = await Connection(port, host).open()
    try:
        return await connection.request(method, target, body, {**(headers or {}), "Connection": "close"}, timeout)
    finally:
        connection.close()


def bearer(user):
    return {"Authorization": f"Bearer {user}"}


async def post(port, content, conversation, user="user-1", headers=None, timeout=15):
    """POST /v1/comments."""
    body = {"content": content, "conversationKey": conversation}
    return await request(port, "POST", "/v1/comments", body, {**bearer(user), **(headers or {})}, timeout)


async def raw(port, data, timeout=6, host="127.0.0.1"):
    """Sends bytes, returns every byte that came until the peer closed or `timeout` passed, and whether
    the peer closed."""
    reader, writer = await asyncio.open_connection(host, port)
    received = b""
    try:
        writer.write(data)
        while True:
            chunk = await asyncio.wait_for(reader.read(65536), timeout)
            if not chunk:
                return received, True
            received += chunk
    except asyncio.TimeoutError:
        return received, False
    except ConnectionError:
        return received, True
    finally:
        writer.close()


def updates_path(conversation, **query):
    path = f"/v1/conversations/{quote(conversation, safe='')}/updates"
    if query:
        path += "?" + "&".join(f"{name}={quote(str(value), safe=':')}" for name, value in query.items())
    return path


async def read_log(port, conversation, user="user-1"):
    """The whole log of a conversation by JSON pages."""
    updates = []
    after = 0
    while True:
        answer = await request(port, "GET", updates_path(conversation, after=after, limit=1000),
                               headers={**bearer(user), "Accept": "application/json"})
        assert answer.status == 200, (answer.status, answer.body)
        page = answer.json()
        if not page["updates"]:
            return updates
        updates += page["updates"]
        after = page["updates"][-1]["payload"]["seq"]
