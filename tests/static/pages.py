"""A small server with the real templates, styles and scripts, whose answers a test decides."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, jsonify, render_template_string, request, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from htmx_flask import Htmx
from werkzeug.serving import make_server

import tracker
from tracker.web import render
from tracker.web.headers import CONTENT_SECURITY_POLICY

ROOT = Path(tracker.__file__).parent
NAMES = ("Accueil", "Remise", "Élèves", "Appareils", "Impressions", "Réglages")

ANSWER = """
{{ verdict(kind, title, sequence) }}
<form data-scan-form method="post" action="/scan" enctype="multipart/form-data"
      hx-post="/scan" hx-encoding="multipart/form-data" hx-target="#desk-verdict">
  {{ csrf_field() }}<input type="hidden" name="state" value="{{ sequence }}">
  {{ scan_fields("Code", action_id="made-by-server") }}
</form>
"""
DESK = (
    '{% extends "desk_base.html" %}{% block desk_title %}Remise{% endblock %}'
    '{% block scanner %}{{ scanner("Scannez.", "/frame") }}<input id="elsewhere" aria-label="Ailleurs">{{ key_log() }}'
    '<script type="module" src="/static/js/scanner-test.js"></script>{% endblock %}'
    "{% block verdict %}" + ANSWER + "{% endblock %}"
)
PAGE = """{% extends "base.html" %}{% block page_title %}Élèves{% endblock %}{% block content %}
<div class="stats">{{ stat_card("12", "élèves", "/x", "ok", "users") }}
{{ stat_card("3", "refus", None, "bad", "ban") }}</div>
{% call filter_bar() %}{{ filter_text("q", "Nom") }}
{{ choice("etat", "État", [("", "Tous"), ("1", "Équipés")]) }}{% endcall %}
{% call data_table(["Nom", "État"], caption="Élèves") %}
<tr><td data-label="Nom"><a class="row-link" href="/x">Zoé</a></td><td data-label="État">{{ badge("Équipé", "ok") }}
{{ badge("Attente", "warn") }} {{ badge("Perdu", "bad") }} {{ badge("En stock") }}</td></tr>{% endcall %}
{{ pager("/a", "/b", "1 à 50") }}{{ facts([("Modèle", "X"), ("Lieu", None)]) }}
{{ empty_state("Rien", "Importez un fichier.", "/i", "Importer") }}
{{ timeline([{"title": "Remis", "when": "12 sept.", "who": "Claire", "tone": "ok"}]) }}{{ progress(1, 2, "1 sur 2") }}
<form id="note" method="post" action="/note" hx-post="/note" hx-target="#answer">{{ csrf_field() }}
<label class="form-label" for="text">Note</label><input class="form-control" id="text" name="text">
{{ submit_button("Enregistrer", "check") }}</form>
<div id="answer"></div>{{ confirm_form("/note", "Annuler", question="Vraiment ?") }}{% endblock %}"""
SIGN_IN = """<form method="post" action="/sign-in" hx-post="/sign-in" hx-swap="none">
<h2>Connexion</h2><label for="password">Mot de passe</label>
<input id="password" type="password" name="password" autocomplete="current-password">
<button>Se connecter</button></form>"""


class Pages:
    """What the server has received, and what it is to answer next."""

    def __init__(self) -> None:
        self.scans: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self.searches: list[str] = []
        self.frame_symbols: list[dict[str, Any]] = []
        self.kinds: list[str] = []
        self.failures: list[int] = []
        self.token = ""
        self.gate = threading.Event()
        self.gate.set()

    def scan(self) -> Response | str:
        """One scan of the desk; waits while the gate is closed."""
        self.gate.wait(10)
        photo = request.files.get("photo")
        status = self._received(self.scans, photo=len(photo.read()) if photo else 0)
        if status != 200:
            return _refusal(status)
        kind = self.kinds.pop(0) if self.kinds else "done"
        template = ANSWER if request.htmx else DESK  # type: ignore[attr-defined]
        return _answer(template, kind, len(self.scans))

    def note(self) -> Response | str:
        """An ordinary form."""
        status = self._received(self.notes)
        return "Enregistré" if status == 200 else _refusal(status)

    def frame(self) -> Response:
        """A camera frame for the server's decoder."""
        self.frames.append(request.files["frame"].read())
        return jsonify(symbols=self.frame_symbols)

    def sign_in(self) -> Response:
        """The sign-in inside of the dialog always succeeds, with a new session: older tokens are worth nothing."""
        session.clear()
        self.token = generate_csrf()
        return Response(status=204, headers={"HX-Trigger": json.dumps({"signed-in": {"csrf": self.token}})})

    def search(self) -> str:
        """The search page."""
        self.searches.append(request.args["q"])
        return "found"

    def _received(self, where: list[dict[str, Any]], **more: Any) -> int:
        status = self.failures.pop(0) if self.failures else 200
        where.append({**request.form, **more, "token": request.headers.get("X-CSRFToken"), "status": status})
        return status


def build(pages: Pages) -> Flask:
    """The application; CSRF, headers, icons and macros are the real ones."""
    app = Flask("tracker", root_path=str(ROOT))
    app.config.from_mapping(SECRET_KEY="tests-only", WTF_CSRF_TIME_LIMIT=None)
    CSRFProtect(app)
    Htmx(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_same, lambda one, many, n, **k: one, newstyle=True)
    render.init_app(app)
    app.after_request(_protect)
    app.context_processor(_frame)
    _add_views(app, pages)
    return app


def _same(text: str, **values: Any) -> str:
    return text % values if values else text


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def _frame() -> dict[str, Any]:
    entries = [SimpleNamespace(label=name, icon="home", url=f"/{i}", active=i == 0) for i, name in enumerate(NAMES)]
    person = SimpleNamespace(is_authenticated="public" not in request.args, name="Claire Lefèvre")
    return {
        "current_user": person,
        "navigation": entries,
        "role_label": "Logistique",
        "language": "fr",
        "scope_label": "Lycée Corneille",
        "school_year_label": "2026-2027",
    }


def _answer(template: str, kind: str, number: int) -> str:
    return render_template_string(template, kind=kind, title=f"Réponse {number}", sequence=number)


def _refusal(status: int) -> Response:
    if status == 401:
        return Response(SIGN_IN, 401, {"HX-Trigger": "sign-in-needed"})
    return Response("<p>proxy</p>", status)


def _add_views(app: Flask, pages: Pages) -> None:
    app.add_url_rule("/", "home.index", lambda: render_template_string(PAGE))
    app.add_url_rule("/desk", "desk", lambda: _answer(DESK, "waiting", 0))
    app.add_url_rule("/search", "search.results", pages.search)
    for view in (pages.scan, pages.note, pages.frame, pages.sign_in):
        app.add_url_rule(f"/{view.__name__.replace('_', '-')}", view.__name__, view, methods=["POST"])
    app.url_build_error_handlers.append(lambda error, endpoint, values: "/elsewhere")  # links of the frame


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """The address of the running server."""
    server = make_server("127.0.0.1", 0, build(pages), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)  # s until it sees the shutdown
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        pages.gate.set()
        server.shutdown()
        thread.join()
