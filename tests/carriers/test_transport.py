"""One request to a carrier's service: what goes wrong on the way is in words of this program."""

import socket
import threading

import pytest

from tracker.carriers.carrier import CarrierFailed
from tracker.carriers.transport import post


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b""])
def test_a_service_that_breaks_off_or_speaks_otherwise_is_unreachable(answer):
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _address = listener.accept()
        connection.recv(65_536)
        connection.sendall(answer)
        connection.close()

    service = threading.Thread(target=serve)
    service.start()
    with pytest.raises(CarrierFailed, match="unreachable"):
        post(f"http://127.0.0.1:{listener.getsockname()[1]}/", "{}", "application/json")
    service.join()
    listener.close()
