"""What the logs hold and who may see what, as a plain model: the oracle of privacy_test."""


class Model:
    """`logs`: (company, room or inbox) -> [(type, detail)], the update of seq n at n - 1."""

    def __init__(self):
        self.logs = {}
        self.members = {}  # (company, room) -> {user: role}
        self.states = {}  # (company, room) -> [(visibility, members)] after each update; first: the empty log

    def append(self, company, place, seq, kind, detail=None):
        log = self.logs.setdefault((company, place), [])
        log.append((kind, detail))
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
        return problems

    def shut_out(self, watch):
        """Whether the watch had to end, or might: its right ended at some update since it began."""
        return any(not self.allowed_after(watch.person, place, seq)
                   for place, head in watch.opened_at.items()
                   for seq in range(head, len(self.logs.get((watch.person.company, place), [])) + 1))
