"""The forms of the signing pages: the signer's name and consent, the code."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from tracker.rules.signing import LONGEST_SIGNER
from tracker.web.agreements.words import REFUSALS
from tracker.web.forms import SentForm


class _PublicForm(SentForm):
    class Meta:
        """The personal link is what lets the form in: there is no session."""

        csrf = False


class SignForm(_PublicForm):
    """Who signs, and that they have read and accept."""

    signer = StringField(
        _l("Your first name and surname"),
        [InputRequired(REFUSALS["signer_missing"])],
        render_kw={"autocomplete": "name", "maxlength": LONGEST_SIGNER, "spellcheck": "false"},
    )
    consent = BooleanField(
        _l("I have read this agreement and I accept it."), [InputRequired(REFUSALS["consent_missing"])]
    )


class CodeForm(_PublicForm):
    """Six digits; spaces do no harm."""

    code = StringField(
        _l("The six digits of the code"),
        [InputRequired()],
        render_kw={
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": 20,
            "spellcheck": "false",
            "autofocus": True,
        },
    )
