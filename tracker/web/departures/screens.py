"""Departures: pupils off the roster, where they went as far as anybody knows, and what they still hold (L5)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import structlog
from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from tracker.operations.departure_answers import Answered, answer_departure, meaning
from tracker.operations.departures import declare_departure
from tracker.queries import departure_page, departures, pupils
from tracker.queries.campaigns import current_campaign
from tracker.queries.departures import ORDER, DepartureFilter
from tracker.queries.pages import every_row
from tracker.queries.pages import page as one_page
from tracker.queries.schools import school_choices
from tracker.rules.access import Permission
from tracker.rules.calendar import local_date
from tracker.rules.departures import DepartureOrigin, Destination
from tracker.rules.refusals import Refused
from tracker.web.access import current_actor, current_scope, requires
from tracker.web.clock import now, today, year_in_force
from tracker.web.departures import forms
from tracker.web.departures.forms import Typed
from tracker.web.departures.words import ANSWERS, consequence_words
from tracker.web.destinations import see_other
from tracker.web.export import export
from tracker.web.intake import row_id, storable
from tracker.web.language import moment
from tracker.web.lists import chosen, listed, typed
from tracker.web.render import page
from tracker.web.sentences import refusal_sentence, words

bp = Blueprint("departures", __name__, url_prefix="/departures")
log = structlog.get_logger()
_MOST_FOUND = 20


@bp.get("/")
@requires(Permission.SEE_PUPILS)
def index() -> Response:
    """The open departures that match the filters of the address; those that nobody can place first."""
    filters, scope = _filters(), current_scope()
    matching, shown = departures.listing(filters, scope), departures.with_columns(filters, scope)
    found = listed("departures", ORDER, matching, shown, _set(filters))
    return page("departures/index.html", "rows", found=found, filters=filters, options=_options(), today=today())


def _filters() -> DepartureFilter:
    """Who still holds a device comes first to everybody's mind: the others are one click away."""
    school = request.args.get("school", type=row_id)
    device = chosen("device", {"any", "no"}) or "yes"
    return DepartureFilter(school, chosen("destination", set(Destination)), device)


def _set(filters: DepartureFilter) -> dict[str, Any]:
    """The filters that are set: what the list shows by itself is none."""
    return vars(filters) | {"device": "" if filters.device == "yes" else filters.device}


def _options() -> dict[str, list[tuple[Any, str]]]:
    destinations = [(each.value, words("destination", each)) for each in Destination if each != Destination.CAME_BACK]
    return {
        "school": [("", _("All schools")), *school_choices(current_scope())],
        "destination": [("", _("All")), *destinations],
        "device": [("yes", _("still holds a device")), ("no", _("holds no device")), ("any", _("All"))],
    }


@bp.get("/export.csv", defaults={"form": "csv"})
@bp.get("/export.xlsx", defaults={"form": "xlsx"})
@requires(Permission.SEE_PUPILS)
def export_list(form: str) -> Response:
    """The same departures as a file."""
    shown = departures.with_columns(_filters(), current_scope())
    headings = [
        _("Family name"), _("Given name"), _("School"), _("UAI"), _("Class"), _("Left on"), _("Noticed on"),
        _("Where to"), _("Laptop"), _("4G hotspot"), _("Expected by"),
    ]  # fmt: skip
    return export(form, _("departures"), headings, _cells(every_row(shown, ORDER)))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row["last_name"], row["first_name"], row["school"], row["uai"], row["class_name"], row["left_on"],
            row["noticed_at"], words("destination", row["destination"]), row["laptop"], row["hotspot"],
            row["due_on"],
        ]  # fmt: skip


@bp.get("/<int:departure_id>")
@requires(Permission.SEE_PUPILS)
def show(departure_id: int) -> Response:
    """One departure: the pupil, what they hold, what was answered, and the answer to be given."""
    return _show(departure_id, Typed())


def _show(departure_id: int, sent: Typed, status: int = 200) -> Response:
    shown = departure_page.departure_page(departure_id, current_scope()) or abort(404)
    answers = departure_page.answers_of(departure_id)
    held = departure_page.still_held(shown["pupil_id"])
    log.info("departure_seen", user_id=current_user.id, departure_id=departure_id)
    return page(
        "departures/show.html", "departure", status=status, shown=shown, held=held, sent=sent,
        options=forms.options(shown["left_on"], declared=shown["origin"] != DepartureOrigin.ROSTER),
        follows=_follows(shown, answers, held), story=[_entry(each) for each in answers], covers=current_scope().covers,
    )  # fmt: skip


def _follows(shown: dict[str, Any], answers: list[dict[str, Any]], held: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the answer in force means: its rule, its deadline as it is now; None while nobody has answered."""
    if not answers or answers[0]["destination"] != shown["destination"]:
        return None
    means = meaning(Destination(shown["destination"]), shown["left_on"], local_date(answers[0]["answered_at"]))
    due = [each["due_on"] for each in held if each["due_on"]]
    means = replace(means, due_on=min(due)) if due else means
    words = consequence_words(means, len(held))
    return {"rule": means.rule, "fate": means.fate, "words": words, "school": answers[0]["school"]}


def _entry(answer: dict[str, Any]) -> dict[str, Any]:
    waited = bool((answer["done"] or {}).get("waited"))
    title = _("The waiting time is over: a return") if waited else str(ANSWERS[answer["destination"]])
    return {
        "title": f"{title} · {answer['school']}" if answer["school"] else title,
        "when": moment(answer["answered_at"]), "at": answer["answered_at"].isoformat(), "why": answer["note"],
        "who": answer["who"] or _("the program"), "sign": "hourglass" if waited else "message",
    }  # fmt: skip


@bp.post("/<int:departure_id>")
@requires(Permission.QUALIFY_DEPARTURES)
def answer(departure_id: int) -> Response:
    """Rules L1 to L5. Where the pupil went; what that means is done at once."""
    sent = forms.typed()
    if departure_page.departure_page(departure_id, current_scope()) is None:
        abort(404)
    try:
        destination, school_id = forms.destination_of_form(sent)
        done = answer_departure(
            departure_id,
            destination,
            to_school_id=school_id,
            note=storable(sent.note),
            actor=current_actor(),
            now=now(),
        )
    except Refused as refused:
        sent.error, sent.wrong = refusal_sentence(refused), refused.code
        return _show(departure_id, sent, 422)
    return _done(done)


def _done(done: Answered) -> Response:
    flash(
        _(
            "Recorded (rule %(rule)s). %(means)s",
            rule=done.means.rule,
            means=consequence_words(done.means, done.devices),
        ),
        "success",
    )
    return see_other(url_for("departures.show", departure_id=done.departure_id))


@bp.route("/declare", methods=["GET", "POST"])
@requires(Permission.QUALIFY_DEPARTURES)
def declare() -> Response:
    """The school says that a pupil leaves, before any roster does: who, then when and where to."""
    pupil_id = request.values.get("pupil", type=row_id)
    if pupil_id is None:
        return page("departures/choose.html", "pupils", q=typed("q"), found=_present(typed("q")))
    pupil = pupils.pupil_page(pupil_id, current_scope(), current_campaign(today())) or abort(404)
    if known := _known(pupil):
        flash(_("This pupil’s departure is known already: answer on its page."), "warning")
        return see_other(url_for("departures.show", departure_id=known))
    if request.method == "GET":
        return _declare(pupil, Typed(left_on=today().isoformat()))
    sent = forms.typed()
    try:
        destination, school_id = forms.destination_of_form(sent)
        done = declare_departure(
            pupil_id, _day(sent.left_on), destination, to_school_id=school_id, note=storable(sent.note),
            actor=current_actor(), now=now(),
        )  # fmt: skip
    except Refused as refused:
        sent.error, sent.wrong = refusal_sentence(refused), refused.code
        return _declare(pupil, sent, 422)
    return _done(done)


def _known(pupil: dict[str, Any]) -> int | None:
    """The departure that this enrolment has already, unless its pupil came back."""
    found = departures.departures_of(pupil["id"])
    theirs = (each for each in found if each["enrolment_id"] == pupil["enrolment_id"])
    return next((each["id"] for each in theirs if each["destination"] != Destination.CAME_BACK), None)


def _declare(pupil: dict[str, Any], sent: Typed, status: int = 200) -> Response:
    return page(
        "departures/declare.html", status=status, pupil=pupil, sent=sent, covers=current_scope().covers,
        held=departure_page.still_held(pupil["id"]), options=forms.options(today(), declared=False),
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("left_on_missing") from None


def _present(text: str) -> list[dict[str, Any]]:
    """The pupils of one's schools whom typed words may mean; nobody while nothing is typed."""
    if not text:
        return []
    shown = pupils.with_columns(pupils.PupilFilter(q=text, left="no"), current_scope(), year_in_force())
    return one_page(shown, pupils.ORDER, size=_MOST_FOUND).rows
