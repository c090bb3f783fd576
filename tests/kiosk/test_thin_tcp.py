"""TCP on a thin link: the options are this kernel's, and a full way is seen. Real sockets of this machine; no faults but a reader that does not read."""

import socket
import time
from collections.abc import Iterator

import pytest

from protocol import thin_tcp

OCTETS = 60_000


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one = socket.create_connection(server.getsockname())
        other, _ = server.accept()
        with one, other:
            yield one, other


def test_the_kernel_takes_the_options_that_it_has(pair: tuple[socket.socket, socket.socket]) -> None:
    sock = pair[0]
    thin_tcp.prepare(sock)
    assert sock.getsockopt(socket.IPPROTO_TCP, thin_tcp.TCP_THIN_LINEAR_TIMEOUTS) == 1
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == thin_tcp.GIVEN_UP
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == b"cubic"


def test_what_is_no_tcp_is_left_alone() -> None:
    one, other = socket.socketpair()
    with one, other:
        thin_tcp.prepare(one)
        assert thin_tcp.full(one)
    thin_tcp.prepare(None)


def test_a_way_is_full_while_octets_wait_and_free_when_they_are_read(pair: tuple[socket.socket, socket.socket]) -> None:
    """The reader's buffer is small: what does not fit waits in the kernel of who sends."""
    sock, reader = pair
    assert not thin_tcp.full(sock)
    sock.sendall(bytes(OCTETS))
    assert thin_tcp.full(sock)
    left = OCTETS
    while left:
        left -= len(reader.recv(left))
    end = time.monotonic() + 5
    while thin_tcp.full(sock) and time.monotonic() < end:
        pass  # the last acknowledgement is on its way
    assert not thin_tcp.full(sock)


def test_a_closed_socket_is_full(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[0].close()
    assert thin_tcp.full(pair[0])
