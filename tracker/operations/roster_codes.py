"""What a code of the rosters means, said by an administrator: whom it concerns is judged anew at once (E1, L5)."""

from datetime import date, datetime

import structlog

from tracker.models.database import among, database, take_turn
from tracker.models.pupils import Enrolment, Pupil
from tracker.models.rosters import CodeAnswer, Departure
from tracker.operations.eligibility import recompute_eligibility, school_year_on
from tracker.operations.rosters.imports import TURN
from tracker.operations.withholding import withhold
from tracker.queries.roster_codes import compared_mef
from tracker.rules.access import Actor, Permission
from tracker.rules.calendar import local_date
from tracker.rules.departures import Destination
from tracker.rules.eligibility import Level
from tracker.rules.levels import mef_key
from tracker.rules.refusals import Refused
from tracker.rules.rosters import CodeKind

log = structlog.get_logger()

MEANINGS: dict[CodeKind, tuple[str, ...]] = {
    CodeKind.MEF: tuple(level.value for level in Level if level is not Level.UNKNOWN),
    CodeKind.EXIT_REASON: tuple(
        to.value for to in Destination if to not in (Destination.TO_QUALIFY, Destination.CAME_BACK)
    ),
}
"""What can be answered: a level, a destination."""

_LONGEST_REASON = 4


def answer_code(kind: CodeKind, code: str, meaning: str, *, actor: Actor, now: datetime) -> CodeAnswer:
    """Rules E1, L5. Say what a level code or an exit reason means; enrolments and departures follow.

    Raises Refused: not_allowed, code_form, code_meaning_unknown.
    """
    if not actor.may(Permission.MANAGE_CAMPAIGN):
        raise Refused("not_allowed")
    key = _key(kind, code)
    if meaning not in MEANINGS[kind]:
        raise Refused("code_meaning_unknown")
    with database.atomic():
        take_turn(TURN)
        answer, _new = CodeAnswer.get_or_create(kind=kind, code=key)
        answer.meaning, answer.answered_by, answer.answered_at = meaning, actor.user_id, now
        answer.save()
        if kind is CodeKind.MEF:
            _level_of_all(key, meaning, local_date(now))
        else:
            _destination_of_all(key, Destination(meaning), now)
    log.info("code answered", kind=kind.value, code=key, meaning=meaning, by=actor.user_id)
    return answer


def _key(kind: CodeKind, code: str) -> str:
    """The code as it is compared. Raises Refused code_form."""
    key = mef_key(code) if kind is CodeKind.MEF else code.strip()
    if not key or (kind is CodeKind.EXIT_REASON and len(key) > _LONGEST_REASON):
        raise Refused("code_form", found=code[:20])
    return key


def _level_of_all(key: str, level: str, today: date) -> None:
    """Rule E1. Every enrolment of the school year with this level code gets its level, and is judged anew."""
    year = school_year_on(today)
    Enrolment.update(level=level).where(Enrolment.school_year == year, compared_mef == key).execute()
    recompute_eligibility(year, today, mef=key)


def _destination_of_all(reason: str, destination: Destination, now: datetime) -> None:
    """Rule L5. Departures for this reason that nobody has qualified are; of who died nobody writes to anybody."""
    rows = Departure.select(Departure.id, Departure.pupil).join(Enrolment, on=(Departure.enrolment == Enrolment.id))
    open_ones = dict(
        rows.where(Departure.destination == Destination.TO_QUALIFY, Enrolment.exit_reason == reason).tuples()
    )
    Departure.update(destination=destination).where(among(Departure.id, open_ones)).execute()
    if destination is Destination.DIED:
        Pupil.update(deceased=True).where(among(Pupil.id, set(open_ones.values()))).execute()
        for pupil_id in set(open_ones.values()):
            withhold(pupil_id, now=now)
