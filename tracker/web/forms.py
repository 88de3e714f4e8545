"""What forms have in common."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField, MultipleFileField


class SentForm(FlaskForm):
    """The base of every form: what is sent is a form, and a file is one only in a field for files.

    Flask-WTF itself reads JSON too, and puts files into any field of their name: a text field could hold either.
    """

    class Meta(FlaskForm.Meta):
        """How the fields get what was sent."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """The form of this request, or what the view gives; None where nothing was sent."""
            if formdata is not _Auto:
                return formdata
            if not _is_submitted():
                return None
            names = {field.name for field in form if isinstance(field, FileField | MultipleFileField)}
            files = MultiDict((name, file) for name, file in request.files.items(multi=True) if name in names)
            return CombinedMultiDict((files, request.form)) if files or request.form else None


def focus_on_error(form: FlaskForm) -> None:
    """The page opens where the first error is: it may be far below, between long texts, and screen readers say it."""
    for field in form:
        if field.errors:
            field.render_kw = (field.render_kw or {}) | {"autofocus": True}
            return
