"""The form that says what happened to a device: of a school or logistics, and of a family."""

from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, MultipleFileField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from tracker.operations.cases import LONGEST_TEXT
from tracker.rules.cases import CaseKind, DocumentKind
from tracker.web.cases.words import REFUSALS
from tracker.web.forms import SentForm

_FILES = ".pdf,.jpg,.jpeg,.png,.tif,.tiff,application/pdf,image/*"
_KINDS = (
    (CaseKind.BREAKDOWN, _l("It does not work any more")),
    (CaseKind.DAMAGE, _l("It was damaged (fall, liquid, screen)")),
    (CaseKind.THEFT, _l("It was stolen")),
    (CaseKind.LOSS, _l("It is lost")),
)


class _Report:
    kind = RadioField(
        _l("What happened?"),
        [InputRequired(REFUSALS["case_kind"])],
        choices=[(kind.value, says) for kind, says in _KINDS],
    )
    description = TextAreaField(
        _l("In a few words"),
        [InputRequired(_l("Describe in a few words what happened.")), Length(max=LONGEST_TEXT)],
        description=_l("When, where, what can be seen. No health or family matters."),
        render_kw={"rows": 4, "maxlength": LONGEST_TEXT},
    )
    declaration = FileField(
        _l("Declaration to the police or gendarmerie"),
        description=_l("For a theft or loss: a photo or PDF. It can be added later."),
        render_kw={"accept": _FILES},
    )
    photos = MultipleFileField(
        _l("Photos"), description=_l("Of the damage or of the message on the screen."), render_kw={"accept": _FILES}
    )

    def sent_files(self) -> list[tuple[FileStorage, DocumentKind]]:
        """The files that came with it."""
        each: list[tuple[Any, DocumentKind]] = [(self.declaration.data, DocumentKind.DECLARATION)]
        each += [(file, DocumentKind.PHOTO) for file in self.photos.data or ()]
        return [(file, kind) for file, kind in each if isinstance(file, FileStorage) and file.filename]


class ReportForm(_Report, SentForm):
    """By somebody with an account."""


class FamilyReportForm(_Report, SentForm):
    """By the personal link."""

    class Meta:
        """The personal link is what lets the form in: there is no session."""

        csrf = False
