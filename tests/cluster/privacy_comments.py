"""Steps of privacy_test that edit, redact and remove comments, and what every endpoint must show of their texts."""

import asyncio

from harness.waiting import until


class CommentSteps:
    def some_comment(self):
        """A comment, most often a living one, and somebody: most often its author or a moderator."""
        comments = self.model.comments
        if not comments:
            return None, None
        living = [one for one in comments if one.alive]
        comment = self.rng.choice(living if living and self.rng.random() < 0.9 else comments)
        close = [person for person in self.people if person.company == comment.company
                 and (person.user == comment.author or comment.room in person.moderates)]
        return comment, self.rng.choice(close if self.rng.random() < 0.7 and close else self.people)

    async def edit(self):
        comment, person = self.some_comment()
        if comment is None:
            return
        self.count += 1
        text, redact = f"{comment.company}/{comment.room}/{self.count}", self.rng.random() < 0.5
        answer = await self.call(person, "PATCH", f"/v1/comments/{comment.id}", {"content": text, "redact": redact})
        self.assertEqual(answer.status, self.model.writes_to(person, comment), answer.body)
        if answer.status == 200:
            self.model.edited(comment, text, redact)

    async def remove(self):
        comment, person = self.some_comment()
        if comment is None:
            return
        answer = await self.call(person, "DELETE", f"/v1/comments/{comment.id}")
        self.assertEqual(answer.status, self.model.removes(person, comment), answer.body)
        if answer.status == 204:
            self.model.removed(comment, person.user)

    async def replay(self):
        """A room's whole log through some endpoint of some node."""
        place = self.rng.choice(sorted({(comment.company, comment.room) for comment in self.model.comments}) or [None])
        if place is not None:
            await self.replay_by(self.rng.choice(self.endpoints), self.rng.choice(self.cluster.nodes), *place)

    async def replay_by(self, endpoint, node, company, room):
        readers = [person for person in self.people if person.company == company and person.granted(room)
                   and self.model.open_to(person, room)]
        if not readers:
            return
        head = len(self.model.logs[company, room])
        watch = endpoint(node.port, self.rng.choice(readers), room, {room: 0}, True, after=0)
        self.assertTrue(await watch.open(), str(watch))
        await until(lambda: watch.ended or len(watch.seen) >= head, 10, f"{watch} sees {head} updates")
        await watch.close()
        self.assertEqual([place for place, _ in watch.seen][:head], [(room, seq) for seq in range(1, head + 1)])
        self.assertEqual(self.wrong_texts(watch), [], f"{watch}, seed {self.seed}")

    # --- what must hold

    def wrong_texts(self, watch):
        problems = []
        for room, seq, text, when in watch.said:
            if why := self.model.wrong_text(watch.person.company, room, seq, text, when):
                problems.append(f"{room} {seq}: {why}")
        return problems

    def check_comment_updates(self, company, room, updates, log):
        """A page of the log, read from the database, shows no text that was taken, however lately."""
        for update, (kind, detail) in zip(updates, log):
            payload = update["payload"]
            place = company, room, payload["seq"]
            if kind in ("comment-added", "comment-updated"):
                said = None if place in self.model.gone else self.model.texts[place]
                self.assertEqual((payload["commentContent"], payload.get("redacted", False)), (said, said is None))
            if kind == "comment-updated":
                self.assertEqual(payload.get("redacts", False), detail)
            if kind == "comment-deleted":
                self.assertEqual(payload["byUserId"], detail)

    async def texts_are_gone(self):
        """A second later, by every endpoint of every node."""
        self.assertTrue(self.model.gone, "the run has taken some texts")
        await asyncio.sleep(1)  # the promise's own second
        for company, room in sorted({(comment.company, comment.room) for comment in self.model.comments}):
            for node in self.cluster.nodes:
                for endpoint in self.endpoints:
                    await self.replay_by(endpoint, node, company, room)
