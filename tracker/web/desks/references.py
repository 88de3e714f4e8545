"""What is in hand at a desk, as its page carries it: references that only the desk's own answers make."""

from flask import current_app
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer

from tracker.rules.refusals import Refused


def reference(kind: str, row_id: int, school_id: int) -> str:
    """A device or pupil that was scanned or offered here: of use to this person, at this school, and for nothing else.

    A bare id would let anybody ask for the serial and state of any device, number by number.
    """
    return _signer().dumps([kind, row_id, current_user.id, school_id])


def referred(kind: str, text: str, school_id: int) -> int | None:
    """The id behind a reference, None where there is none. Raises Refused(stale_page) for any other text."""
    if not text:
        return None
    try:
        found_kind, row_id, user_id, found_school = _signer().loads(text)
    except (BadData, TypeError, ValueError) as error:
        raise Refused("stale_page") from error
    if (found_kind, user_id, found_school) != (kind, current_user.id, school_id):
        raise Refused("stale_page")
    return row_id


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="desk")
