"""Credentials that end while the privacy test runs: by their time, and with their key."""

import copy
import math
import os
import tempfile
import time

from harness import tokens

LATE = 1.0  # seconds that a watch may outlive its credential


class Keys:
    """The key file of the nodes, and the tokens that it makes good."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp()
        os.close(handle)
        self.replace()

    def replace(self):
        """As a careful operator does: by renaming."""
        self.secret = os.urandom(32).hex().encode()
        with open(self.path + ".new", "wb") as file:
            file.write(self.secret)
        os.rename(self.path + ".new", self.path)

    def remove(self):
        os.unlink(self.path)

    def give(self, person):
        """The person's token, anew."""
        person.until = None
        person.token = tokens.token(tokens.claims(**person.claims), secret=self.secret)

    def brief(self, person, seconds):
        """The same person with a token that ends soon."""
        other = copy.copy(person)
        other.until = math.ceil((time.time() + seconds) * 8) / 8  # exact in a token, whose times are milliseconds
        other.token = tokens.token(tokens.claims(**person.claims, exp=other.until), secret=self.secret)
        return other


def overdue(watch):
    """What a watch did behind the end of its credential; empty when all is well."""
    if watch.until is None or watch.closed_by_us:
        return []
    if watch.ended_at is None:
        return [f"it goes on {time.time() - watch.until:.1f} s behind the end of its token"]
    late = watch.ended_at - watch.until
    return [f"it ended {late:.1f} s behind its token"] if late > LATE else []


def ended_with_its_lease(watch):
    return watch.until is not None and watch.ended_at is not None and watch.ended_at >= watch.until


def seen_too_late(watch, begun):
    """Updates that were asked for when the credential had ended. `begun`: (company, place) -> when each was."""
    if watch.until is None:
        return []
    return [f"{place}: {seq} was begun {begun[watch.person.company, place][seq - 1] - watch.until:.1f} s behind the token"
            for (place, seq), _ in watch.seen if begun[watch.person.company, place][seq - 1] > watch.until + LATE]
