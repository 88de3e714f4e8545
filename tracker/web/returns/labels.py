"""Return labels as files, and what the sender does."""

from collections.abc import Collection, Sequence

from flask import Response, abort
from flask_babel import gettext as _

from tracker.models.parcels import Parcel
from tracker.rules.access import EVERYWHERE
from tracker.web.parcels.labels import FORMS, giving_steps, labels_file, packing_steps


def return_labels(parcels: Sequence[Parcel], form: str) -> Response:
    """The labels of these return parcels, which the caller may see; `form` one of FORMS."""
    if form not in FORMS:
        abort(404)
    name = f"etiquette-retour-{parcels[0].reference}" if len(parcels) == 1 else "etiquettes-retour"
    return labels_file(Parcel.id.in_([parcel.id for parcel in parcels]), form, EVERYWHERE, name) or abort(404)


def sending_steps(kinds: Collection[str]) -> tuple[str, ...]:
    """Rule L2. The same steps as on the paper for devices of these kinds, for the page that makes the label."""
    sticking = _("Make the label on this page, print it at 100 % and stick it flat on the largest side of the box.")
    return (*packing_steps(kinds), sticking, *giving_steps())
