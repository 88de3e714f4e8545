"""What a family's personal link is for."""

from enum import StrEnum


class LinkPurpose(StrEnum):
    """The one thing that a link lets a family do."""

    RETURN = "return"
    CASE = "case"
