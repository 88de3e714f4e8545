"""The composition root: settings -> database -> extensions -> blueprints."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from tracker import logs, web
from tracker.config import Settings
from tracker.models.database import open_database


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application for these settings (by default those of the environment)."""
    settings = settings or Settings()
    logs.configure(as_json=settings.log_json)
    open_database(settings.database)
    app = Flask("tracker")
    app.extensions["settings"] = settings
    app.config.from_mapping(web.flask_configuration(settings))
    web.init_app(app)
    _serve_static(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _serve_static(app: Flask) -> None:
    # A short cache: the modules of the browser name each other without a version, and an upgrade must reach them.
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=app.static_folder,
        prefix="static/",
        max_age=300,
        add_headers_function=web.static_headers,
    )
