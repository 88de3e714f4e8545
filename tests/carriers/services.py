"""Carriers' services on 127.0.0.1 that answer as the real ones do, and remember what they were asked."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Lines that end in CRLF inside the file: what takes the answer apart must leave them alone.
PDF = b"%PDF-1.4\r\n%\xe2\xe3\xcf\xd3\r\n1 0 obj\r\n<<>>\r\nendobj\r\n--uuid: no boundary\r\ntrailer\r\n%%EOF\r\n"


class Service(ThreadingHTTPServer):
    """One service: `answer` is what it says next (status, content type, body); `asked` what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.answer: tuple[int, str, bytes] = (500, "text/plain", b"")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, body))
        status, kind, answer = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Service]:
    """A service for the duration of a test."""
    service = Service()
    thread = threading.Thread(target=service.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()
        thread.join()


def colissimo_label(number: str = "8R00000000012", pdf: bytes = PDF) -> tuple[int, str, bytes]:
    """A label as Colissimo sends it: JSON and PDF as parts of one MIME answer."""
    told = {
        "messages": [{"id": "0", "type": "INFOS", "messageContent": "La requête a été traitée avec succès"}],
        "labelV2Response": {"parcelNumber": number, "parcelNumberPartner": None, "pdfUrl": None, "fields": None},
    }
    return _mime(200, ("jsonInfos", "application/json;charset=UTF-8", json.dumps(told).encode()),
                 ("label", "application/octet-stream", pdf))  # fmt: skip


def colissimo_error(words: str = "Le code postal du destinataire est invalide") -> tuple[int, str, bytes]:
    """An error as Colissimo sends it."""
    told = {"messages": [{"id": "30109", "type": "ERROR", "messageContent": words}], "labelV2Response": None}
    return _mime(400, ("jsonInfos", "application/json;charset=UTF-8", json.dumps(told).encode()))


def _mime(status: int, *parts: tuple[str, str, bytes]) -> tuple[int, str, bytes]:
    boundary = "uuid:5b2c1b6e-0f5a-4c69-9f0e-d1f1b2f4f001"
    body = b"".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{name}>\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, kind, content in parts
    )
    kind = f'multipart/mixed; boundary="{boundary}"'
    return status, kind, body + f"--{boundary}--".encode()


def chronopost_label(number: str = "XY000000012FR", pdf: bytes = PDF) -> tuple[int, str, bytes]:
    """A label as Chronopost sends it."""
    value = (
        f"<resultMultiParcelValue><pdfEtiquette>{base64.b64encode(pdf).decode()}</pdfEtiquette>"
        f"<skybillNumber>{number}</skybillNumber></resultMultiParcelValue>"
    )
    return 200, "text/xml;charset=UTF-8", _soap(f"<errorCode>0</errorCode>{value}")


def chronopost_error(words: str = "Mot de passe incorrect") -> tuple[int, str, bytes]:
    """An error as Chronopost sends it."""
    return 200, "text/xml;charset=UTF-8", _soap(f"<errorCode>3</errorCode><errorMessage>{words}</errorMessage>")


def _soap(inner: str) -> bytes:
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        '<ns1:shippingMultiParcelV5Response xmlns:ns1="http://cxf.shipping.soap.chronopost.fr/">'
        f"<return>{inner}</return></ns1:shippingMultiParcelV5Response></soap:Body></soap:Envelope>"
    ).encode()
