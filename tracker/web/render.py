"""A template is a page, its blocks are the fragments: one function answers either."""

import uuid
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request
from jinja2_fragments.flask import render_blocks
from markupsafe import Markup

from tracker.rules.sscc import spelled
from tracker.web.scan_words import check_words, rule_words
from tracker.web.sentences import tone, words

_MACROS = "parts/macros"


def page(template: str, *blocks: str, status: int = 200, **context: Any) -> Response:
    """The whole page, or for an htmx request the named blocks with the messages beside them (out of band)."""
    if blocks and is_fragment():
        body = render_blocks(template, list(blocks), **context) + flash_fragment()
    else:
        body = render_template(template, **context)
    response = make_response(body, status)
    response.vary.add("HX-Request")
    return response


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page, whose frame stands already."""
    return bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]


def flash_fragment() -> str:
    """The messages of this request, to be swapped into their place on whatever page is open."""
    return render_template("parts/flash_fragment.html")


def init_app(app: Flask) -> None:
    """Make the macros and icons known everywhere: a block rendered alone does not see its template's imports."""
    app.jinja_env.globals.update(
        icon=icon,
        new_action_id=uuid.uuid4,
        words=words,
        rule_words=rule_words,
        check_words=check_words,
        tone=tone,
        spelled=spelled,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    folder = Path(app.root_path) / "templates" / _MACROS
    with app.app_context():
        for file in sorted(folder.glob("*.html")):
            module = app.jinja_env.get_template(f"{_MACROS}/{file.name}").module
            app.jinja_env.globals.update({name: macro for name, macro in vars(module).items() if name[0] != "_"})


_icons: dict[str, Markup] = {}


def icon(name: str) -> Markup:
    """The icon as inline SVG, hidden from screen readers: words always stand beside it."""
    if name not in _icons:
        file = Path(current_app.static_folder or "") / "vendor" / "icons" / f"{name}.svg"
        svg = file.read_text(encoding="utf-8").strip()
        _icons[name] = Markup(svg.replace("<svg", '<svg aria-hidden="true" focusable="false"', 1))  # noqa: S704
    return _icons[name]
