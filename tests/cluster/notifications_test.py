"""Notifications over three nodes: whom they reach, whom not, and when."""

import asyncio
import json
import os
import subprocess
import tempfile
import unittest

from harness import http
from harness.cluster import running
from harness.paths import DANWA
from harness.websocket import Refused, Watcher

SECRET = b"0123456789abcdef0123456789abcdef"
UPDATES = "/v1/notifications/updates"


class Inboxes(Watcher):
    """Watches the inboxes of the caller."""

    def __init__(self, port, user, **query):
        super().__init__(port, "unused", user=user)
        self.path = UPDATES + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")

    async def texts(self, count, seconds=5):
        return [(await self.next(seconds))["payload"]["text"] for _ in range(count)]


def notify(node, sender, text, headers=None, **to):
    return http.request(node.port, "POST", "/v1/notifications", {"to": to, "text": text},
                        {**http.bearer(sender), **(headers or {})})


async def page(node, user, query=""):
    answer = await http.request(node.port, "GET", UPDATES + query, headers=http.bearer(user))
    assert answer.status == 200, answer.body
    return answer.json()


async def stays_silent(watcher):
    try:
        return await watcher.next(0.5)
    except asyncio.TimeoutError:
        return None


class Notifications(unittest.IsolatedAsyncioTestCase):
    async def test_it_reaches_the_person_on_another_node_and_nobody_else(self):
        async with running() as cluster:
            first, second, third = cluster.nodes
            bob = await Inboxes(second.port, "bob").open()
            self.assertEqual(bob.watching["payload"]["channels"], ["user:bob", "company:demo"])
            alice = await Inboxes(third.port, "alice").open()
            sent = await notify(first, "alice", "hi", user="bob")
            self.assertEqual(sent.status, 201)
            payload = (await bob.next(5))["payload"]
            self.assertEqual((payload["text"], payload["senderId"], payload["to"], payload["channel"], payload["seq"]),
                             ("hi", "alice", {"user": "bob"}, "user:bob", 1))
            self.assertEqual(payload["notificationId"], sent.json()["id"])
            self.assertEqual(payload["timestamp"], sent.json()["timestamp"])
            self.assertIsNone(await stays_silent(alice))
            self.assertEqual((await page(third, "alice"))["updates"], [])

    async def test_what_was_sent_to_somebody_offline_is_there_when_they_come(self):
        async with running() as cluster:
            first, second, third = cluster.nodes
            here = await Inboxes(second.port, "bob").open()
            cursor = here.watching["payload"]["cursor"]
            here.vanish()
            for text in ("one", "two"):
                await notify(first, "alice", text, user="bob")
            await notify(third, "alice", "to all", company="demo")
            back = await Inboxes(third.port, "bob", after=cursor).open()
            self.assertEqual(sorted(await back.texts(3)), ["one", "to all", "two"])
            whole = await Inboxes(second.port, "bob", after="0").open()
            self.assertEqual(sorted(await whole.texts(3)), ["one", "to all", "two"])
            read = await page(first, "bob")
            self.assertEqual([update["payload"]["text"] for update in read["updates"]], ["one", "two", "to all"])
            self.assertEqual((await page(second, "bob", "?after=" + read["next"]))["updates"], [])

    async def test_an_event_stream_resumes_by_its_last_id(self):
        async with running(size=2) as cluster:
            async def events(user, count, last_id=None):
                reader, writer = await asyncio.open_connection("127.0.0.1", cluster.nodes[1].port)
                lines = [f"GET {UPDATES} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/event-stream",
                         f"Authorization: Bearer {user}"] + ([f"Last-Event-ID: {last_id}"] if last_id else [])
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
                seen = []
                event = {}
                while len(seen) < count:
                    line = (await asyncio.wait_for(reader.readline(), 5)).decode().strip()
                    name, _, value = line.partition(": ")
                    if name in ("id", "data"):
                        event[name] = value
                    if name == "data" and json.loads(value)["type"] == "watching":
                        for sender, text in (("alice", "one"), ("carol", "two")):
                            await notify(cluster.nodes[0], sender, text, user=user)
                    if not line and "data" in event:
                        if json.loads(event["data"])["type"] == "notification":
                            seen.append((event["id"], json.loads(event["data"])["payload"]["text"]))
                        event = {}
                writer.close()
                return seen

            first = await events("bob", 1)
            self.assertEqual(first[0][1], "one")
            again = await events("bob", 3, last_id=first[0][0])
            self.assertEqual([text for _, text in again], ["two", "one", "two"])

    async def test_a_retry_is_one_notification_on_any_node(self):
        async with running(size=2) as cluster:
            key = {"Idempotency-Key": "order-7"}
            first = await notify(cluster.nodes[0], "alice", "once", key, user="bob")
            again = await notify(cluster.nodes[1], "alice", "once", key, user="bob")
            self.assertEqual((again.status, again.json()), (201, first.json()))
            self.assertEqual(again.headers["idempotency-replayed"], "true")
            other = await notify(cluster.nodes[1], "alice", "other", key, user="bob")
            self.assertEqual((other.status, other.json()["errorCode"]), (422, "idempotency-key-reused"))
            self.assertEqual(len((await page(cluster.nodes[0], "bob"))["updates"]), 1)

    async def test_a_long_poll_wakes_for_whichever_inbox(self):
        async with running(size=2) as cluster:
            for to in ({"user": "bob"}, {"company": "demo"}):
                start = (await page(cluster.nodes[1], "bob"))["next"]
                poll = asyncio.create_task(page(cluster.nodes[1], "bob", f"?wait=20&after={start}"))
                await notify(cluster.nodes[0], "alice", "wake", **to)
                read = await asyncio.wait_for(poll, 5)
                self.assertEqual([update["payload"]["to"] for update in read["updates"]], [to])

    async def test_whoever_has_no_name_has_no_inbox(self):
        async with running(size=1) as cluster:
            with self.assertRaises(Refused) as refused:
                await Inboxes(cluster.nodes[0].port, None).open()
            self.assertEqual(refused.exception.answer.status, 401)


class Tokens(unittest.IsolatedAsyncioTestCase):
    """With tokens that prove companies, stores and grants; made by `danwa token`."""

    async def asyncSetUp(self):
        handle, self.key_file = tempfile.mkstemp()
        os.write(handle, SECRET)
        os.close(handle)
        self.addCleanup(os.unlink, self.key_file)

    def running(self, **options):
        return running(settings={"auth.mode": "jwt", "auth.jwt.algorithm": "HS256", "auth.jwt.key_file": self.key_file},
                       **options)

    def token(self, user, company="acme", stores=(), grants=()):
        command = [str(DANWA), "token", "--user", user, "--company", company, "--key-file", self.key_file]
        for store in stores:
            command += ["--store", store]
        for grant in grants:
            command += ["--grant", grant]
        return subprocess.run(command, capture_output=True, check=True, timeout=20).stdout.decode().strip()

    async def test_a_store_reaches_its_people_and_companies_never_meet(self):
        async with self.running() as cluster:
            first, second, third = cluster.nodes
            sender = self.token("alice", grants=["*:read,send,notify"])
            at_store = [await Inboxes(node.port, self.token(user, stores=["s 1", "s2"])).open()
                        for node, user in ((second, "bob"), (third, "carol"))]
            self.assertEqual(at_store[0].watching["payload"]["channels"],
                             ["user:bob", "store:s%201", "store:s2", "company:acme"])
            others = [await Inboxes(second.port, self.token("dave", stores=["s3"])).open(),
                      await Inboxes(third.port, self.token("bob", company="evil", stores=["s 1"])).open()]
            self.assertEqual((await notify(first, sender, "till open", store="s 1")).status, 201)
            for watcher in at_store:
                self.assertEqual(await watcher.texts(1), ["till open"])
            self.assertEqual((await notify(first, sender, "hi", user="bob")).status, 201)
            self.assertEqual(await at_store[0].texts(1), ["hi"])
            for watcher in (at_store[1], *others):
                self.assertIsNone(await stays_silent(watcher))
            self.assertEqual((await notify(first, sender, "all", company="acme")).status, 201)
            for watcher in (*at_store, others[0]):
                self.assertEqual(await watcher.texts(1), ["all"])
            self.assertIsNone(await stays_silent(others[1]))

    async def test_who_may_notify_whom_comes_from_the_grants(self):
        async with self.running(size=1) as cluster:
            node, = cluster.nodes
            limited = self.token("alice", grants=["user:b*:notify", "*:read,send"])
            plain = self.token("alice")
            for sender, to, status in ((limited, {"user": "bob"}, 201), (limited, {"user": "carol"}, 403),
                                       (limited, {"store": "b1"}, 403), (limited, {"company": "acme"}, 403),
                                       (limited, {"user": "alice"}, 201), (plain, {"user": "alice"}, 201),
                                       (plain, {"user": "bob"}, 403),
                                       (self.token("alice", grants=["*:notify"]), {"company": "evil"}, 403)):
                answer = await notify(node, sender, "x", **to)
                self.assertEqual(answer.status, status, to)
                if status == 403:
                    self.assertEqual(answer.json()["errorCode"], "not-granted")

    async def test_a_token_may_name_64_stores(self):
        async with self.running(size=1) as cluster:
            port = cluster.nodes[0].port
            watcher = await Inboxes(port, self.token("bob", stores=[f"s{i}" for i in range(64)])).open()
            self.assertEqual(len(watcher.watching["payload"]["channels"]), 66)
            with self.assertRaises(Refused) as refused:
                await Inboxes(port, self.token("bob", stores=[f"s{i}" for i in range(65)])).open()
            self.assertEqual(refused.exception.answer.json()["errorCode"], "token-invalid")


if __name__ == "__main__":
    unittest.main()
