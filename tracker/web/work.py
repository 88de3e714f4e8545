"""Long work on its page: what is being done, how far it is, how much is left; left and found again.

For another kind of long work: a line in KINDS (what it is called, the page that it belongs to, its figures in words),
then in that page `standing=standing(work)` of its newest piece (`queries.works.newest_work`) and
`{% if standing and standing.under_way %}{% include "work/_progress.html" %}{% endif %}`. The fragment asks each second
how far the work is; when the work has ended, the page that it stands in is loaded anew and shows the result. Without
JavaScript it has a link that looks again. `standing.sentence` says why a piece of work failed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from tracker import jobs
from tracker.models.work import Work
from tracker.queries.works import visible_work
from tracker.rules.access import Permission
from tracker.rules.refusals import Refused
from tracker.rules.work import WorkKind, WorkState
from tracker.web.access import current_scope, requires
from tracker.web.language import number
from tracker.web.render import is_fragment, page
from tracker.web.sentences import refusal_sentence

bp = Blueprint("work", __name__, url_prefix="/work")


@dataclass(frozen=True)
class Kind:
    """A kind of long work in words: its title, the page of its subject, and how far it is ("12 of 40 pupils")."""

    title: Any
    endpoint: str
    argument: str
    counted: Callable[[int, int], str]


def _pupils(done: int, total: int) -> str:
    left = number(max(total - done, 0))
    return _("%(done)s of %(total)s pupils written, %(left)s to go", done=number(done), total=number(total), left=left)


def _bytes(done: int, total: int) -> str:
    return _("%(percent)s %% of the file read", percent=number(done * 100 // max(total, 1)))


def _addresses(done: int, total: int) -> str:
    left = number(max(total - done, 0))
    return _(
        "%(done)s of %(total)s addresses looked at, %(left)s to go", done=number(done), total=number(total), left=left
    )


def _scans(done: int, total: int) -> str:
    facts = {"done": number(done), "total": number(total), "left": number(max(total - done, 0))}
    return _("%(done)s of %(total)s pages read, %(left)s to go", **facts)


KINDS: dict[WorkKind, Kind] = {
    WorkKind.READ_ROSTER: Kind(_l("The file is being read and compared"), "rosters.show", "import_id", _bytes),
    WorkKind.APPLY_ROSTER: Kind(_l("The file is being applied"), "rosters.show", "import_id", _pupils),
    WorkKind.SEND_AGREEMENTS: Kind(_l("The agreements are being sent"), "sending.index", "subject", _addresses),
    WorkKind.FILE_SCANS: Kind(_l("The pages are being read and filed"), "piles.show", "pile_id", _scans),
}


@dataclass(frozen=True)
class Standing:
    """Where a piece of work stands, as the fragment shows it. `done` and `total` are empty while nobody counts."""

    id: int
    kind: str
    state: WorkState
    title: str
    words: str
    url: str
    done: int | None = None
    total: int | None = None
    sentence: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (WorkState.WAITING, WorkState.RUNNING)


def standing(work: Work | None) -> Standing | None:
    """Where a piece of work stands now; None where there is none."""
    if work is None:
        return None
    kind, state = KINDS[WorkKind(work.kind)], WorkState(work.state)
    noted = jobs.progress_of(current_app.extensions["settings"], work.id) if state is WorkState.RUNNING else None
    done, total = noted or (None, None)
    return Standing(
        id=work.id,
        kind=work.kind,
        state=state,
        title=str(kind.title),
        words=_words(state, kind, noted),
        url=url_for(kind.endpoint, **{kind.argument: work.subject}),
        done=done,
        total=total,
        sentence=refusal_sentence(Refused(work.error, **(work.result or {}))) if state is WorkState.FAILED else "",
    )


def _words(state: WorkState, kind: Kind, noted: tuple[int, int] | None) -> str:
    if noted:
        return kind.counted(*noted)
    if state is WorkState.WAITING:
        return _("It waits for its turn; it begins within a minute at most, unless other work is before it.")
    if state is WorkState.RUNNING:
        return _("This takes from a second to a few minutes, as large as the file is.")
    return _("It is done.") if state is WorkState.DONE else ""


@bp.get("/<int:work_id>")
@requires(Permission.SEE_PUPILS)
def show(work_id: int) -> Response:
    """How far a piece of work is. The fragment of a page, once the work has ended, has that page loaded anew."""
    work = visible_work(work_id, current_scope())
    if work is None or work.kind not in KINDS:
        abort(404)
    shown = standing(work)
    assert shown is not None
    if not is_fragment():
        return page("work/show.html", standing=shown)
    # Not through `page`: what was said when the page opened stays while the fragment comes and goes.
    response = make_response(render_template("work/_progress.html", standing=shown))
    if not shown.under_way:
        response.headers["HX-Refresh"] = "true"
    return response
