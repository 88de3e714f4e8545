"""What all desks share: what they are opened for, what they say of a scan, and the shape of their answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Response, request

from tracker.models.schools import School
from tracker.queries import desk
from tracker.queries.campaigns import current_campaign
from tracker.queries.desk import DeviceNames
from tracker.queries.pupils import Year
from tracker.rules.refusals import Refused
from tracker.web.access import current_scope
from tracker.web.clock import today
from tracker.web.intake import row_id
from tracker.web.render import is_fragment, page
from tracker.web.sentences import refusal_sentence


@dataclass(frozen=True)
class Verdict:
    """What a desk says of one scan: `kind` (done, already, refused, ask, waiting, info) decides colour, icon and sound.

    `rule`: the rules behind it, separated by commas. `record_id`: the row that the scan is about, as its undo names it.
    `written`: something is on record now that was not before. `devices`: the several that were meant, to choose from.
    """

    kind: str
    title: str
    lines: tuple[str, ...] = ()
    rule: str | None = None
    record_id: int | None = None
    written: bool = False
    devices: tuple[DeviceNames, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing came of the scan: then the answer is 422. An alarm on record is not a refusal."""
        return self.kind == "refused" and self.record_id is None


def refusal(title: str, found: Refused) -> Verdict:
    """Nothing came of the scan, and why, by which rule."""
    return Verdict("refused", title, (refusal_sentence(found),), found.rule)


def chosen_of(schools: list[School]) -> School | None:
    """The one school of the person, or the one that the address names among several."""
    school_id = schools[0].id if len(schools) == 1 else request.values.get("school", type=row_id)
    return next((school for school in schools if school.id == school_id), None)


def choices() -> dict[str, Any]:
    """What a page shows that opens a desk: the schools of the person, the one chosen, its classes, the school year."""
    schools, campaign = desk.schools_of(current_scope(), today()), current_campaign(today())
    chosen = chosen_of(schools)
    classes = desk.classes_of(chosen.id, Year(campaign.school_year, today())) if chosen and campaign else []
    return {"campaign": campaign, "schools": schools, "chosen": chosen, "classes": classes}


def desk_answer(template: str, answer: Verdict, beside: Callable[[], dict[str, Any]], **context: Any) -> Response:
    """The whole desk, or for htmx its answer alone.

    `beside` reads counter and last ones; it is asked only where they are shown: on the whole page, and next to a
    verdict when something was written. The sequence tells the page that a verdict is new.
    """
    fragment = is_fragment()
    changed = answer.written or not fragment
    shown = beside() if changed else {}
    return page(
        template, status=422 if answer.refused else 200,
        fragment=fragment, answer=answer, changed=changed, sequence=uuid4().hex, **shown, **context,
    )  # fmt: skip
