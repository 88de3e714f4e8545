"""Stocktakes: a place, what is expected there, what was seen, and how each difference is resolved."""

from enum import StrEnum


class StocktakeState(StrEnum):
    """Where a stocktake stands; a paused one goes on where it was left."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class StocktakePlace(StrEnum):
    """What is counted."""

    WAREHOUSE = "warehouse"
    SCHOOL = "school"
    CLASS = "class"


class Resolution(StrEnum):
    """How a difference was settled."""

    STAYS = "stays"
    MOVED_HERE = "moved_here"
    FOUND_LATER = "found_later"
    DECLARED_LOST = "declared_lost"
    NOT_OURS = "not_ours"
