"""The form of a new version of the agreement's text."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from tracker.web.agreements.words import REFUSALS
from tracker.web.forms import SentForm

_BIG = {"rows": 18, "spellcheck": "true"}
_NEEDED = InputRequired(REFUSALS["text_missing"])


class TextForm(SentForm):
    """Both languages; what they may hold is the operation's question."""

    french = TextAreaField(_l("The text in French: this is what is signed"), [_NEEDED], render_kw=_BIG | {"lang": "fr"})
    english = TextAreaField(_l("The text in English, for information"), [_NEEDED], render_kw=_BIG | {"lang": "en"})
