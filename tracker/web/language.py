"""French first, English on request: the language, dates and numbers of every screen."""

from contextlib import AbstractContextManager
from datetime import date, datetime

from flask import Flask, g, session
from flask_babel import Babel, force_locale, format_date, format_datetime, format_decimal, get_locale
from flask_login import current_user

from tracker.rules.calendar import TIME_ZONE, local_date
from tracker.web.clock import today

LANGUAGES = ("fr", "en")


def init_app(app: Flask) -> None:
    """Choose the language for each request and give the templates the ways to write dates and numbers."""
    Babel(app, locale_selector=chosen_language, timezone_selector=lambda: TIME_ZONE.key)
    app.jinja_env.filters.update(day=day, moment=moment, number=number, clock=clock_time, lately=lately)
    app.context_processor(lambda: {"language": str(get_locale())})


def chosen_language() -> str:
    """What the page's own address asks for; else what the person chose: in their account, else in this session."""
    if g.get("language") in LANGUAGES:
        return g.language
    if current_user and current_user.is_authenticated and current_user.locale in LANGUAGES:
        return current_user.locale
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else "fr"


def on_paper() -> AbstractContextManager[None]:
    """The language of what leaves with a parcel: French, which post, carriers and warehouse read, whoever prints it."""
    return force_locale("fr")


def day(value: date | datetime | None) -> str:
    """A date in words: 21 nov. 2026."""
    if isinstance(value, datetime):
        value = local_date(value)
    return format_date(value, "medium") if value else ""


def moment(value: datetime | None) -> str:
    """A date and an hour: 21 nov. 2026 14:05."""
    return format_datetime(value, "d MMM y HH:mm") if value else ""


def clock_time(value: datetime | None) -> str:
    """The hour alone: 14:05."""
    return format_datetime(value, "HH:mm") if value else ""


def lately(value: datetime | None) -> str:
    """The hour alone today, with its date on any other day."""
    return clock_time(value) if value and local_date(value) == today() else moment(value)


def number(value: int | float) -> str:
    """A number with its thousands apart."""
    return format_decimal(value)
