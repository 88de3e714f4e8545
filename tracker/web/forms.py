"""What forms have in common."""

from flask_wtf import FlaskForm


def focus_on_error(form: FlaskForm) -> None:
    """The page opens where the first error is: it may be far below, between long texts, and screen readers say it."""
    for field in form:
        if field.errors:
            field.render_kw = (field.render_kw or {}) | {"autofocus": True}
            return
