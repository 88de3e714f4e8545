"""What the forms that bring in files share: the school that they are of."""

from flask import request

from tracker.queries.schools import school_choices
from tracker.web.access import current_scope
from tracker.web.intake import row_id


def school_of_form() -> int | None:
    """The school that was chosen, of those that the person may act for; the only one needs no choice."""
    ids = [school_id for school_id, _name in school_choices(current_scope())]
    asked = request.form.get("school", type=row_id)
    return ids[0] if len(ids) == 1 else asked if asked in ids else None
