"""What a WSGI server of one's own loads (`gunicorn wsgi:app`); `tracker serve` has good settings already."""

from tracker.app import create_app

app = create_app()
