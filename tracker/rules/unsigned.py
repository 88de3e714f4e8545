"""Why an agreement is not signed and validated yet: one reason for each pupil, the one that says what comes next."""

from enum import StrEnum


class Why(StrEnum):
    """In the order in which they are looked for: the first that holds is the reason (A1 to A3, A6).

    `bounced`: every request that can still be used came back; that outweighs an opened one, for
    programs open links too.
    """

    SCAN_WAITING = "scan_waiting"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PRINTED = "printed"
    BOUNCED = "bounced"
    SEEN = "seen"
    SENT = "sent"
    UNREACHABLE = "unreachable"
    NOT_SENT = "not_sent"
