"""What the logs hold and who may see what, as a plain model: the oracle of privacy_test."""

import time

from privacy_leases import seen_too_late


class Comment:
    def __init__(self, company, room, author, ident, seq):
        self.company, self.room, self.author, self.id = company, room, author, ident
        self.seqs = [seq]  # of the updates that hold a text of it
        self.alive = True


class Model:
    """`logs`: (company, room or inbox) -> [(type, detail)], the update of seq n at n - 1."""

    def __init__(self):
        self.logs = {}
        self.comments = []
        self.texts = {}  # (company, room, seq) -> what the update said when it was made
        self.turned_out = {}  # (company, room) -> whose membership somebody else has ended
        self.gone = {}  # (company, room, seq) -> when its text was taken, by the monotonic clock
        self.begun = {}  # (company, place) -> when the request for each update began
        self.now = 0  # when the present request began
        self.members = {}  # (company, room) -> {user: role}
        self.states = {}  # (company, room) -> [(visibility, members)] after each update; first: the empty log

    def append(self, company, place, seq, kind, detail=None):
        log = self.logs.setdefault((company, place), [])
        log.append((kind, detail))
        self.begun.setdefault((company, place), []).append(self.now)
        assert seq is None or seq == len(log), f"{company} {place}: seq {seq}, {len(log)} expected"
        states = self.states.setdefault((company, place), [("open", frozenset())])
        visibility, members = states[-1]
        if kind == "member-joined":
            members = members | {detail}
            self.members.setdefault((company, place), {}).setdefault(detail, "member")
        elif kind == "member-left":
            members = members - {detail}
            self.members[company, place].pop(detail)
        elif kind == "conversation-updated":
            visibility = detail
        states.append((visibility, members))

    # --- comments

    def sent(self, person, room, ident, seq, text):
        self.append(person.company, room, seq, "comment-added")
        self.comments.append(Comment(person.company, room, person.user, ident, seq))
        self.texts[person.company, room, seq] = text

    def edited(self, comment, text, redact):
        if redact:
            self.take_texts(comment)
        self.append(comment.company, comment.room, None, "comment-updated", redact)
        seq = len(self.logs[comment.company, comment.room])
        comment.seqs.append(seq)
        self.texts[comment.company, comment.room, seq] = text

    def removed(self, comment, by):
        self.take_texts(comment)
        comment.alive = False
        self.append(comment.company, comment.room, None, "comment-deleted", by)

    def take_texts(self, comment):
        for seq in comment.seqs:
            self.gone.setdefault((comment.company, comment.room, seq), time.monotonic())

    def wrong_text(self, company, room, seq, text, seen_at):
        """Why the update may not show `text` at that time; None: it may."""
        place = company, room, seq
        if place not in self.texts:
            return text and "a text where there is none"
        taken = self.gone.get(place)
        if text is None:
            return taken is None and "no text, though nobody took it"
        if text != self.texts[place]:
            return "another text"
        return taken is not None and seen_at > taken + 1 and f"a text that went {seen_at - taken:.2f} s before"

    def writes_to(self, person, comment):
        """The status of an answer to `person` who edits the comment."""
        if not comment.alive or person.company != comment.company or not person.granted(comment.room):
            return 404
        return 200 if self.open_to(person, comment.room) and person.user == comment.author else 403

    def removes(self, person, comment):
        """The same of a removal."""
        if comment.alive and person.company == comment.company and comment.room in person.moderates:
            return 204
        status = self.writes_to(person, comment)
        return 204 if status == 200 else status

    # --- rooms

    def left(self, person, room, whom):
        self.append(person.company, room, None, "member-left", whom)
        if whom != person.user:
            self.turned_out.setdefault((person.company, room), set()).add(whom)

    def used_by_others(self, person, room):
        place = person.company, room
        wrote = {comment.author for comment in self.comments if (comment.company, comment.room) == place}
        return bool((wrote | self.state(*place)[1]) - {person.user})

    def configure(self, person, room, visibility):
        """The updates that this causes; None: it is refused."""
        company, moderates = person.company, room in person.moderates
        before, members = self.state(company, room)
        owned = self.has_owner(company, room)
        if not moderates and self.members.get((company, room), {}).get(person.user) != "owner":
            if not person.granted(room) or not self.open_to(person, room) or owned:
                return None
            if self.used_by_others(person, room):
                return None if visibility != before else []
        elif not moderates and not person.granted(room):
            return None
        joined = [] if owned or person.user in members else [person.user]
        if before == "open" and visibility == "private":
            wrote = {comment.author for comment in self.comments
                     if comment.alive and (comment.company, comment.room) == (company, room)}
            joined += sorted(wrote - members - set(joined) - self.turned_out.get((company, room), set()))
        changes = not owned or visibility != before
        return [("member-joined", user) for user in joined] + [("conversation-updated", visibility)] * changes

    def own(self, company, user, room):
        self.members[company, room][user] = "owner"

    def has_owner(self, company, room):
        return "owner" in self.members.get((company, room), {}).values()

    def state(self, company, room):
        return self.states.get((company, room), [("open", frozenset())])[-1]

    def visibility(self, company, room):
        return self.state(company, room)[0]

    def is_member(self, company, user, room):
        return user in self.state(company, room)[1]

    def open_to(self, person, room):
        visibility, members = self.state(person.company, room)
        return visibility == "open" or person.user in members

    def channels(self, person, room):
        return [room] if room is not None else sorted(person.inboxes())

    def heads(self, person, room):
        return {place: len(self.logs.get((person.company, place), [])) for place in self.channels(person, room)}

    def allowed_after(self, person, room, seq):
        """Whether the person may see what follows update `seq`."""
        if isinstance(room, tuple):
            return room in person.inboxes()
        visibility, members = self.states.get((person.company, room), [("open", frozenset())])[seq]
        return visibility == "open" or person.user in members

    def expected(self, watch):
        """(place, seq) that it has to see, if it is not ended: all since it began, up to the first update that
        shut it out."""
        places = []
        for place, head in watch.opened_at.items():
            for seq in range(head + 1, len(self.logs.get((watch.person.company, place), [])) + 1):
                if not self.allowed_after(watch.person, place, seq - 1):
                    break
                places.append((place, seq))
        return places

    def forbidden(self, watch):
        """What it has seen and must not have, or saw out of order."""
        problems, last = [], dict(watch.opened_at)
        for (place, seq), kind in watch.seen:
            if place not in watch.opened_at:
                problems.append(f"{place} is not watched")
                continue
            if seq != last[place] + 1:
                problems.append(f"{place}: {seq} after {last[place]}")
            if not self.allowed_after(watch.person, place, seq - 1):
                problems.append(f"{place}: {seq} ({kind}) behind what shut it out")
            last[place] = seq
        return problems + seen_too_late(watch, self.begun)

    def shut_out(self, watch):
        """Whether the watch had to end, or might: its right ended at some update since it began."""
        return any(not self.allowed_after(watch.person, place, seq)
                   for place, head in watch.opened_at.items()
                   for seq in range(head, len(self.logs.get((watch.person.company, place), [])) + 1))
