"""TCP on a thin link: the options are this kernel's, and a full way is seen. Real sockets of this machine; no faults but a reader that does not read."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import thin_tcp

OCTETS = 60_000


def allowed() -> list[bytes]:
    """The congestion controls that this process may choose (tcp(7))."""
    name = "available" if os.geteuid() == 0 else "allowed"
    return Path(f"/proc/sys/net/ipv4/tcp_{name}_congestion_control").read_bytes().split()


def has_bound(sock: socket.socket) -> bool:
    """Whether this kernel knows the option (from Linux 6.15 on)."""
    try:
        sock.getsockopt(socket.IPPROTO_TCP, thin_tcp.TCP_RTO_MAX_MS)
    except OSError:
        return False
    return True


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
    wanted = b"cubic"
    if has_bound(sock):
        assert sock.getsockopt(socket.IPPROTO_TCP, thin_tcp.TCP_RTO_MAX_MS) == thin_tcp.LONGEST_WAIT
        wanted = b"bbr" if b"bbr" in allowed() else wanted
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == wanted


def test_without_a_bound_for_the_timer_a_stream_stays_thin(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option that no kernel has stands for the one that older kernels lack."""
    monkeypatch.setattr(thin_tcp, "TCP_RTO_MAX_MS", 9_999)
    thin_tcp.prepare(pair[0])
    assert pair[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0") == b"cubic"
    assert pair[0].getsockopt(socket.IPPROTO_TCP, thin_tcp.TCP_THIN_LINEAR_TIMEOUTS) == 1


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
