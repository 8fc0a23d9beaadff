"""Tokens at a real node: what is wrong with them is never told, and companies never meet."""

import os
import tempfile
import time
import unittest

from harness import http, tokens
from harness.cluster import running
from harness.tokens import SECRET, claims, part, token
from harness.websocket import Refused, Watcher


class Tokens(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        handle, self.key_file = tempfile.mkstemp()
        os.write(handle, SECRET)
        os.close(handle)
        self.addCleanup(os.unlink, self.key_file)
        self.context = running(size=1, settings=tokens.settings(self.key_file))
        self.cluster = await self.context.__aenter__()
        self.addAsyncCleanup(self.context.__aexit__, None, None, None)
        self.port = self.cluster.nodes[0].port

    async def test_good_tokens_pass(self):
        for good in (token(claims()), token(claims(aud=["x", "danwa"])), token(claims(nbf=int(time.time()) - 5))):
            self.assertEqual((await http.post(self.port, "hi", "room", user=good)).status, 201)

    async def test_bad_tokens_get_one_and_the_same_401(self):
        good = token(claims())
        head, body, signature = good.split(".")
        now = int(time.time())
        bad = [head + "." + body + ".", good[:-2], good + "A", body, head + "." + body, "." * 2, "a.b.c", good.replace(".", ".."),
               token(claims(), {"alg": "none"}), (part({"alg": "none"}) + b"." + part(claims()) + b".").decode(),
               token(claims(), {"alg": "None"}), token(claims(), {"alg": "HS1"}), token(claims(), {"alg": "RS256"}),
               token(claims(), {"alg": "HS512"}), token(claims(), {"typ": "JWT"}), token(claims(), secret=b"x" * 32),
               token(claims(exp=now - 3600)), token(claims(exp=None)), token(claims(exp="soon")), token(claims(nbf=now + 3600)),
               token(claims(aud="other")), token(claims(aud=None)), token(claims(aud=[])), token(claims(iss="other")), token(claims(sub=None)),
               token(claims(sub="")), token(claims(sub=7)), token(claims(company=None)), token(claims(company="")), token([1]),
               token(b"not json"), token(b'{"sub":"ann","sub":"bob","company":"acme","aud":"danwa","iss":"tests","exp":%d}' % (now + 60)),
               token(claims(), {"alg": "HS256", "crit": ["exp"]}), token(b"[" * 5000 + b"]" * 5000), token(claims(grants="all")),
               token(claims(), {"alg": "HS256", "kid": "../../../../etc/passwd"}) + "x"]
        bodies = set()
        for text in bad:
            answer = await http.post(self.port, "hi", "room", user=text)
            self.assertEqual(answer.status, 401, text[:80])
            self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer"))
            bodies.add(answer.body)
        self.assertEqual(len(bodies), 1, bodies)
        with self.assertRaises(Refused) as refused:
            await Watcher(self.port, "room", user=bad[0]).open()
        self.assertEqual(refused.exception.answer.status, 401)

    async def test_companies_never_meet(self):
        marker = "marker-8d1f0c5e"
        acme, other = token(claims()), token(claims(company="other"))
        spy = await Watcher(self.port, "room", user=other).open()
        comment = (await http.post(self.port, marker, "room", user=acme)).json()
        foreign = await http.request(self.port, "GET", "/v1/comments/" + comment["id"], headers=http.bearer(other))
        unknown = await http.request(self.port, "GET", "/v1/comments/018f0000-0000-7000-8000-000000000000", headers=http.bearer(other))
        self.assertEqual((foreign.status, foreign.body), (404, unknown.body))
        for path in ("/v1/conversations", "/v1/conversations/room/comments", http.updates_path("room", after=0)):
            answer = await http.request(self.port, "GET", path, headers={**http.bearer(other), "Accept": "application/json"})
            self.assertEqual(answer.status, 200)
            self.assertNotIn(marker.encode(), answer.body)
        for method in ("PATCH", "DELETE"):
            answer = await http.request(self.port, method, "/v1/comments/" + comment["id"],
                                        {"content": "x"} if method == "PATCH" else None, http.bearer(other))
            self.assertEqual(answer.status, 404)
        await http.post(self.port, "ours", "room", user=other)
        frame = await spy.next(3)
        self.assertEqual((frame["payload"]["commentContent"], frame["payload"]["seq"]), ("ours", 1))

    async def test_grants_bound_what_a_token_may_do(self):
        reader = token(claims(grants=[{"conversations": "news-*", "verbs": ["read"]}]))
        self.assertEqual((await http.post(self.port, "hi", "news-1", user=reader)).status, 403)
        self.assertEqual((await http.request(self.port, "GET", "/v1/conversations/news-1/comments", headers=http.bearer(reader))).status, 200)
        self.assertEqual((await http.request(self.port, "GET", "/v1/conversations/other/comments", headers=http.bearer(reader))).status, 403)

    async def test_a_live_connection_ends_with_its_token(self):
        short = token(claims(exp=int(time.time()) + 3))
        watcher = await Watcher(self.port, "room", user=short).open()
        try:
            while True:
                await watcher.next(10)
        except Exception as ended:  # noqa: BLE001 - examined below
            self.assertEqual(getattr(ended, "code", None), 4401, repr(ended))
