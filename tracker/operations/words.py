"""The words of what the program itself writes to people: French and English, from the catalogue of the pages."""

import gettext
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_time

from tracker.rules.calendar import TIME_ZONE

LANGUAGES = ("fr", "en")
"""In the order in which a letter says everything in both."""

_TRANSLATIONS = Path(__file__).parents[1] / "translations"


def said(language: str, message: str, **facts: Any) -> str:
    """The sentence in this language, `%(name)s` replaced by the facts (dates in the language's own form)."""
    sentence = _catalogue(language).gettext(message)
    return sentence % {name: _written(value, language) for name, value in facts.items()} if facts else sentence


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The code's own sentences are English: nothing to look up."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("messages", _TRANSLATIONS, [language], fallback=True)


def _written(value: Any, language: str) -> Any:
    locale = "en_GB" if language == "en" else language
    if isinstance(value, datetime):
        return format_time(value.astimezone(TIME_ZONE), "HH:mm", locale=locale)
    return format_date(value, "long", locale=locale) if isinstance(value, date) else value
