"""Random companies, stores, people, grants, memberships and endpoints: nobody ever gets an update that they may
not see, and those who may get it get it."""

import asyncio
import json
import os
import random
import time
import unittest
from urllib.parse import quote

from harness import http, tokens
from harness.cluster import running
from harness.waiting import until
from privacy_comments import CommentSteps
from privacy_endpoints import GraphqlWatch, SseWatch, WebSocketWatch
from privacy_leases import LATE, Keys, ended_with_its_lease, overdue
from privacy_model import Model

STEPS = int(os.environ.get("DANWA_TEST_PRIVACY_STEPS", "1200"))
COMPANIES = ["acme", "globex"]
STORES = ["north", "south"]
USERS = ["ann", "bob", "cleo"]
ROOMS = ["hall", "cellar", "attic"]
ENDPOINTS = [WebSocketWatch, SseWatch, GraphqlWatch]


class Person:
    def __init__(self, company, user, rng):
        self.company, self.user = company, user
        self.stores = rng.sample(STORES, rng.randint(0, len(STORES)))
        self.grants = None
        if rng.random() < 0.4:  # only some rooms; else every open one
            self.grants = [{"conversations": room, "verbs": ["read", "send"]} for room in rng.sample(ROOMS, 2)]
        self.token = None
        self.until = None  # the end of the token; None: not while the test runs
        self.moderates = set(rng.sample(ROOMS, 2)) if rng.random() < 0.3 else set()
        self.sign()

    def sign(self):
        grants = (self.grants or [{"conversations": "*", "verbs": ["read", "send"]}]) + [
            {"conversations": "*:*", "verbs": ["notify"]}] + [
            {"conversations": room, "verbs": ["moderate"]} for room in self.moderates]
        self.claims = {"sub": self.user, "company": self.company, "stores": self.stores, "grants": grants}

    def granted(self, room):
        return self.grants is None or any(grant["conversations"] == room for grant in self.grants)

    def inboxes(self):
        return {("user", self.user), ("company", self.company)} | {("store", store) for store in self.stores}


class Privacy(CommentSteps, unittest.IsolatedAsyncioTestCase):
    endpoints = ENDPOINTS

    async def asyncSetUp(self):
        self.keys = Keys()
        self.addCleanup(self.keys.remove)
        context = running(settings=tokens.settings(self.keys.path))
        self.cluster = await context.__aenter__()
        self.addAsyncCleanup(context.__aexit__, None, None, None)
        self.seed = int(os.environ.get("DANWA_TEST_SEED", random.randrange(2 ** 32)))
        self.rng = random.Random(self.seed)
        self.people = [Person(company, user, self.rng) for company in COMPANIES for user in USERS]
        self.people[0].moderates.add(ROOMS[0])  # somebody does
        self.people[0].sign()
        for person in self.people:
            self.keys.give(person)
        self.model = Model()
        self.watches = []
        self.count = 0

    async def call(self, person, method, path, body=None):
        node = self.rng.choice(self.cluster.nodes)
        self.model.now = time.time()
        return await http.request(node.port, method, path, body, {**http.bearer(person.token), "Accept": "application/json"})

    def room_path(self, room, tail=""):
        return f"/v1/conversations/{quote(room)}{tail}"

    async def test_no_update_reaches_whoever_may_not_see_it(self):
        print(f"DANWA_TEST_SEED={self.seed}", end=" ")
        steps = [self.post, self.post, self.post, self.notify, self.watch, self.watch, self.join, self.leave,
                 self.configure, self.read, self.read_comment, self.unwatch, self.edit, self.remove, self.replay]
        for step in range(STEPS):
            if step == STEPS // 2:
                await self.replace_keys()
            await self.rng.choice(steps)()
        for room, log in list(self.model.logs.items()):
            await self.check_log(room, log)
        await self.everything_arrives()
        await self.texts_are_gone()
        seen = sum(len(watch.seen) for watch in self.watches)
        self.assertGreater(seen, STEPS / 4, "the run has shown something")
        print(f"{len(self.watches)} watches, {seen} updates seen")
        for watch in self.watches:
            await watch.close()

    # --- steps

    async def post(self):
        person, room = self.rng.choice(self.people), self.rng.choice(ROOMS)
        self.count += 1
        answer = await self.call(person, "POST", "/v1/comments",
                                 {"content": f"{person.company}/{room}/{self.count}", "conversationKey": room})
        allowed = person.granted(room) and self.model.open_to(person, room)
        self.assertEqual(answer.status, 201 if allowed else 403, answer.body)
        if allowed:
            sent = answer.json()
            self.model.sent(person, room, sent["id"], sent["seq"], sent["content"])

    async def join(self):
        person, room = self.rng.choice(self.people), self.rng.choice(ROOMS)
        whom = self.rng.choice([other.user for other in self.people if other.company == person.company])
        answer = await self.call(person, "PUT", self.room_path(room, f"/members/{whom}"))
        if answer.status == 201:
            self.model.append(person.company, room, answer.json()["seq"], "member-joined", whom)
        else:
            self.assertIn(answer.status, (200, 403), answer.body)

    async def leave(self):
        person, room = self.rng.choice(self.people), self.rng.choice(ROOMS)
        whom = self.rng.choice([person.user, self.rng.choice(USERS)])
        was = self.model.is_member(person.company, whom, room)
        answer = await self.call(person, "DELETE", self.room_path(room, f"/members/{whom}"))
        self.assertIn(answer.status, (204, 403), answer.body)
        if answer.status == 204 and was:
            self.model.left(person, room, whom)

    async def configure(self):
        person, room = self.rng.choice(self.people), self.rng.choice(ROOMS)
        visibility = self.rng.choice(["open", "private"])
        answer = await self.call(person, "PUT", self.room_path(room), {"visibility": visibility})
        updates = self.model.configure(person, room, visibility)
        self.assertIn(answer.status, (403,) if updates is None else (200, 201), (person.user, room, answer.body))
        takes = bool(updates) and not self.model.has_owner(person.company, room)
        for kind, detail in updates or []:
            self.model.append(person.company, room, None, kind, detail)
        if takes:
            self.model.own(person.company, person.user, room)

    async def notify(self):
        person = self.rng.choice(self.people)
        kind, name = self.rng.choice([("user", self.rng.choice(USERS)), ("store", self.rng.choice(STORES)),
                                      ("company", person.company)])
        self.count += 1
        answer = await self.call(person, "POST", "/v1/notifications",
                                 {"to": {kind: name}, "text": f"{person.company}/{kind}/{name}/{self.count}"})
        self.assertEqual(answer.status, 201, answer.body)
        self.model.append(person.company, (kind, name), answer.json()["seq"], "notification")

    async def watch(self):
        person, endpoint = self.rng.choice(self.people), self.rng.choice(ENDPOINTS)
        if self.rng.random() < 0.3:
            person = self.keys.brief(person, self.rng.uniform(1.5, 3.5))
        room = self.rng.choice(ROOMS + [None])  # nothing: the inboxes
        allowed = room is None or (person.granted(room) and self.model.open_to(person, room))
        node = self.rng.choice(self.cluster.nodes)
        watch = endpoint(node.port, person, room, self.model.heads(person, room), allowed)
        opened = await watch.open()
        self.assertEqual(opened, allowed, f"{endpoint.__name__} of {person.user} at {person.company}, {room}")
        if opened:
            self.watches.append(watch)

    async def replace_keys(self):
        """Every token is void from now on, and every watch ends; with new ones all goes on."""
        for watch in self.watches:
            if not watch.ended:
                watch.until = min(watch.until or time.time(), time.time())
        self.keys.replace()
        old = [person.token for person in self.people]
        for person in self.people:
            self.keys.give(person)

        async def known():
            answers = [await http.request(node.port, "GET", "/v1/cluster", headers=http.bearer(token))
                       for node in self.cluster.nodes for token in (self.people[0].token, old[0])]
            return [answer.status for answer in answers] == [200, 401] * len(self.cluster.nodes)

        await until(known, LATE, "every node has read the new key")

    async def unwatch(self):
        if self.watches and self.rng.random() < 0.3:
            watch = self.rng.choice(self.watches)
            await watch.close()

    async def read(self):
        person, room = self.rng.choice(self.people), self.rng.choice(ROOMS)
        tail = self.rng.choice(["/comments", "/updates?after=0", "/members", "/presence", ""])
        answer = await self.call(person, "GET", self.room_path(room, tail))
        allowed = person.granted(room) and self.model.open_to(person, room)
        self.assertEqual(answer.status, 200 if allowed else 403, (tail, answer.body))
        if allowed:
            for other in COMPANIES:
                self.assertNotIn(f"{other}/" if other != person.company else "\0", answer.body.decode())
        inbox = await self.call(person, "GET", "/v1/notifications/updates?after=0&limit=1000")
        for update in inbox.json()["updates"]:
            (kind, name), = update["payload"]["to"].items()
            self.assertIn((kind, name), person.inboxes())
            self.assertTrue(update["payload"]["text"].startswith(person.company + "/"))

    async def read_comment(self):
        if not self.model.comments:
            return
        comment = self.rng.choice(self.model.comments)
        person = self.rng.choice(self.people)
        foreign = not comment.alive or person.company != comment.company or not person.granted(comment.room)
        expected = 404 if foreign else 200 if self.model.open_to(person, comment.room) else 403
        answer = await self.call(person, "GET", f"/v1/comments/{comment.id}")
        self.assertEqual(answer.status, expected, answer.body)
        query = {"query": "query($id: ID!) { comment(id: $id) { content } }", "variables": {"id": comment.id}}
        answer = await self.call(person, "POST", "/graphql", query)
        self.assertEqual(b"content\":" in answer.body, expected == 200, answer.body)

    # --- what must hold in the end

    async def check_log(self, place, log):
        """The model is the log: what was left out of it would prove nothing."""
        company, room = place
        if isinstance(room, tuple):
            return
        for person in self.people:
            if person.company == company and person.granted(room) and self.model.open_to(person, room):
                answer = await self.call(person, "GET", self.room_path(room, "/updates?after=0&limit=1000"))
                updates = answer.json()["updates"]
                self.assertEqual([update["type"] for update in updates], [kind for kind, _ in log])
                self.check_comment_updates(company, room, updates, log)

    async def everything_arrives(self):
        for watch in self.watches:
            expected = self.model.expected(watch)
            if watch.closed_by_us:
                expected = expected[:0]

            def complete(watch=watch, expected=expected):
                return watch.ended or watch.until is None and set(expected) <= {place for place, _ in watch.seen}

            await until(complete, 10, f"{watch} has {len(watch.seen)} of {len(expected)}")
            problems = self.model.forbidden(watch) + overdue(watch)
            self.assertEqual(problems, [], f"{watch}, seed {self.seed}")
            for kind, texts in watch.texts.items():
                for text in texts:
                    self.assertTrue(text.startswith(watch.person.company + "/"), json.dumps([kind, text]))
            self.assertEqual(self.wrong_texts(watch), [], f"{watch}, seed {self.seed}")
            if watch.ended and not watch.closed_by_us and not ended_with_its_lease(watch):
                self.assertTrue(self.model.shut_out(watch), f"{watch} ended with {watch.ended} for no reason")


class Oracle(unittest.TestCase):
    """The model must see a leak, or the test above proves nothing."""

    def test_a_text_that_went_is_forbidden_a_second_later_and_none_before_it_goes(self):
        person = Person("acme", "ann", random.Random(1))
        model = Model()
        model.sent(person, "hall", "id", 1, "acme/hall/1")
        self.assertFalse(model.wrong_text("acme", "hall", 1, "acme/hall/1", 5))
        self.assertTrue(model.wrong_text("acme", "hall", 1, None, 5))
        model.edited(model.comments[0], "acme/hall/2", redact=True)
        taken = model.gone["acme", "hall", 1]
        self.assertFalse(model.wrong_text("acme", "hall", 1, None, taken))
        self.assertFalse(model.wrong_text("acme", "hall", 1, "acme/hall/1", taken + 0.9))
        self.assertTrue(model.wrong_text("acme", "hall", 1, "acme/hall/1", taken + 1.1))
        self.assertFalse(model.wrong_text("acme", "hall", 2, "acme/hall/2", taken + 9))

    def test_what_others_use_is_closed_by_a_moderator_alone_who_keeps_the_writers(self):
        ann, eve = (Person("acme", user, random.Random(1)) for user in ("ann", "eve"))
        for person in (ann, eve):
            person.grants, person.moderates = None, set()
        model = Model()
        self.assertEqual(model.configure(eve, "hall", "private"),
                         [("member-joined", "eve"), ("conversation-updated", "private")])
        model.sent(ann, "hall", "id", 1, "acme/hall/1")
        self.assertIsNone(model.configure(eve, "hall", "private"))
        self.assertEqual(model.configure(eve, "hall", "open"), [])
        eve.moderates = {"hall"}
        self.assertEqual(model.configure(eve, "hall", "private"),
                         [("member-joined", "eve"), ("member-joined", "ann"), ("conversation-updated", "private")])

    def test_an_update_behind_a_leave_is_forbidden(self):
        person = Person("acme", "ann", random.Random(1))
        model = Model()
        for kind, detail in [("member-joined", "ann"), ("member-joined", "bob"), ("conversation-updated", "private"),
                             ("member-left", "ann"), ("comment-added", None)]:
            model.append("acme", "hall", None, kind, detail)
        watch = WebSocketWatch(0, person, "hall", {"hall": 3}, True)
        watch.seen = [(("hall", 4), "member-left")]
        self.assertEqual(model.forbidden(watch), [])
        watch.seen.append((("hall", 5), "comment-added"))
        self.assertEqual(len(model.forbidden(watch)), 1)
        self.assertEqual(model.expected(watch), [("hall", 4)])
        watch.seen = [(("hall", 5), "comment-added")]
        self.assertEqual(len(model.forbidden(watch)), 2, "a hole, too")

    def test_an_update_behind_the_end_of_a_lease_is_forbidden(self):
        person = Person("acme", "ann", random.Random(1))
        model = Model()
        for model.now in (100, 104.5, 106.5):
            model.append("acme", "hall", None, "comment-added")
        person.until = 105
        watch = WebSocketWatch(0, person, "hall", {"hall": 0}, True)
        watch.seen = [(("hall", 1), "comment-added"), (("hall", 2), "comment-added")]
        self.assertEqual(model.forbidden(watch), [])
        watch.seen.append((("hall", 3), "comment-added"))
        self.assertEqual(len(model.forbidden(watch)), 1)
        self.assertEqual(len(overdue(watch)), 1, "it has not ended")
        watch.ended_at = 105.9
        self.assertEqual(overdue(watch), [])
        self.assertTrue(ended_with_its_lease(watch))
        watch.ended_at = 106.1
        self.assertEqual(len(overdue(watch)), 1)
        watch.ended_at = 104.9
        self.assertFalse(ended_with_its_lease(watch))
