"""The words of a stocktake's record: what its page says, put together for the paper."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from tracker.documents import Listing, PageCaptions, StocktakeRecord, stocktake_record
from tracker.queries import stocktakes as counted
from tracker.queries.pages import every_row
from tracker.queries.stocktakes import LINES, Counts, LineFilter
from tracker.rules.access import Scope
from tracker.rules.codes import OwnKind, own_code
from tracker.rules.stocktakes import DIFFERENCES, Finding
from tracker.web.clock import today
from tracker.web.language import day, moment, number
from tracker.web.sentences import words
from tracker.web.stocktakes.words import figure_words, now_words, place_name, then_words


def drawn_record(stocktake_id: int, scope: Scope) -> bytes:
    """The record of a closed stocktake as PDF, in the language of who closes it."""
    stocktake = counted.stocktake_page(stocktake_id, scope)
    if stocktake is None:
        raise LookupError(stocktake_id)
    counts, found = counted.counts(stocktake_id), counted.codes_found(stocktake_id)
    record = StocktakeRecord(
        place=place_name(stocktake),
        code=own_code(OwnKind.STOCKTAKE, stocktake_id),
        facts=_facts(stocktake),
        figures=_figures(counts),
        note=_note(stocktake, counts),
        listings=tuple(_listing(stocktake_id, each, scope) for each in DIFFERENCES if getattr(counts, each)),
        found_title=_("Found: %(count)s", count=number(counts.found)),
        found=tuple(found),
        signatures=(_("Counted by (name, date, signature)"), _("For the place (name, date, signature)")),
    )
    return stocktake_record(record, captions=_captions())


def _captions() -> PageCaptions:
    return PageCaptions(
        title=_("Record of a stocktake"), printed_on=_("Printed on %(date)s", date=day(today())),
        page=_("page {page} of {pages}"), language=str(get_locale()),
    )  # fmt: skip


def _facts(stocktake: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    started = f"{moment(stocktake['started_at'])} · {stocktake['starter'] or '—'}"
    closed = f"{moment(stocktake['closed_at'])} · {stocktake['closer'] or '—'}"
    school = " · ".join(filter(None, (stocktake["school"], stocktake["uai"], stocktake["city"])))
    shown = ((_("School"), school), (_("Started on"), started), (_("Closed on"), closed))
    return tuple((label, value) for label, value in shown if value)


def _figures(counts: Counts) -> tuple[tuple[str, str], ...]:
    counted_of = {each: getattr(counts, each) for each in ("expected", *Finding)}
    return tuple((figure_words(each, count), number(count)) for each, count in counted_of.items())


def _note(stocktake: dict[str, Any], counts: Counts) -> str:
    if not counts.differences:
        return _("Everything that was expected was found, and nothing else.")
    if not counts.open:
        return _("Every difference is settled, as stated below.")
    return _("%(count)s differences were left open: %(reason)s", count=number(counts.open), reason=stocktake["reason"])


def _listing(stocktake_id: int, finding: Finding, scope: Scope) -> Listing:
    rows = every_row(counted.with_facts(counted.lines(stocktake_id, LineFilter(finding)), scope), LINES)
    listed = tuple((row["code"], _about(row), _settled(row)) for row in rows)
    title = _("%(what)s: %(count)s", what=figure_words(finding, len(listed)).capitalize(), count=number(len(listed)))
    return Listing(title, (_("Code"), _("Device and place on record"), _("How it was settled, and why")), listed)


def _about(row: dict[str, Any]) -> str:
    """No pupil's name on paper: the device is enough to look one up."""
    row = row | {"last_name": ""}
    model = f"{row['maker']} {row['model']}" if row["maker"] else ""
    place = then_words(row) if row["holder"] else now_words(row)
    return " · ".join(filter(None, (model, place)))


def _settled(row: dict[str, Any]) -> str:
    if not row["resolution"]:
        return _("open")
    return " · ".join(filter(None, (words("resolution", row["resolution"]), row["reason"], row["resolved_by"])))
