"""Who is a boarder: the regime codes of SIECLE."""

from collections.abc import Collection

_BOARDERS = frozenset({"3", "31", "32", "33", "34", "35", "36", "39", "5"})

DOUBTFUL = ("38", "4")
"""Codes that a setting may count as boarders; by default they are not."""


def is_boarder(regime: str, also: Collection[str] = ()) -> bool | None:
    """Rule C2. Whether a pupil of this regime is a boarder; None when the file gives no regime.

    `also`: those of DOUBTFUL that the campaign counts as boarders (setting).
    """
    code = regime.strip()
    if not code:
        return None
    return code in _BOARDERS or (code in DOUBTFUL and code in also)
