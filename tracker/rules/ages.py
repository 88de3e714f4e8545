"""Of age or minor."""

from datetime import date

MAJORITY = 18
"""Years accomplished, by the Code civil (article 414)."""


def is_of_age(birth: date, on: date) -> bool:
    """Rule A1. Whether a person born on `birth` is of age on the day `on`: from the 18th birthday itself.

    Born on 29 February: eighteen years are accomplished once 28 February has passed, and 18 years after a leap year
    no 29 February follows, so the first day of age is 1 March.
    """
    return (on.year - birth.year, on.month, on.day) >= (MAJORITY, birth.month, birth.day)


def latest_birth_of_age(on: date) -> date:
    """Rule A1. Whoever was born on this day or earlier is of age on the day `on`: the same answer for a database."""
    if (on.month, on.day) == (2, 29):
        return date(on.year - MAJORITY, 2, 28)
    return on.replace(year=on.year - MAJORITY)
