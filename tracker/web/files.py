"""Files in answers: what was just drawn, and what is kept."""

from flask import Response, abort, current_app
from werkzeug.utils import secure_filename

from tracker.storage.choice import open_storage
from tracker.storage.storage import FileMissing, Storage


def file_response(data: bytes, media_type: str, name: str, *, to_save: bool = False) -> Response:
    """A file that the browser shows, or with `to_save` keeps, under this name."""
    # Serials and names of classes come from elsewhere: a header takes neither quotes nor letters beyond Latin 1.
    how = "attachment" if to_save else "inline"
    headers = {"Content-Disposition": f'{how}; filename="{secure_filename(name)}"'}
    return Response(data, content_type=media_type, headers=headers)


def pdf_response(data: bytes, name: str, *, to_save: bool = False) -> Response:
    """A PDF, named without its ending."""
    return file_response(data, "application/pdf", f"{name}.pdf", to_save=to_save)


def storage() -> Storage:
    """Where this application keeps its files."""
    return open_storage(current_app.extensions["settings"])


def read_kept(key: str) -> bytes:
    """A file that is kept; 404 where it is gone."""
    try:
        return storage().read(key)
    except FileMissing:
        abort(404)
