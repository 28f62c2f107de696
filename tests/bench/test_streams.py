"""The clients that measure streams: what they count, and what they do not take for an answer."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from bench.streams.client import MARK, Streams, Stuck
from bench.streams.teller import Steady, Teller

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
FRAME = b"id: 1\nevent: video.updated\ndata: " + MARK + b'{"id":"1"}}\n\n'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LIMIT_S = 5.0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(LIMIT_S)
        yield made


@contextmanager
def opened(listener: socket.socket, answer: bytes) -> Iterator[tuple[Streams, socket.socket]]:
    """One stream, and the server's end of it, which has said *answer*."""

    def serve() -> socket.socket:
        connection, _ = listener.accept()
        connection.settimeout(LIMIT_S)
        assert connection.recv(4096) == b"ask"
        connection.sendall(answer)
        return connection

    with Streams(listener.getsockname()[1]) as streams, ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve)
        streams.open([b"ask"], limit_s=LIMIT_S)
        with serving.result() as connection:
            yield streams, connection


def test_every_update_is_counted_once_wherever_it_is_cut(listener: socket.socket) -> None:
    with opened(listener, HEAD + FRAME) as (streams, server):
        for cut in range(1, len(FRAME)):
            before = len(streams.times)
            server.sendall(FRAME + FRAME[:cut])
            streams.receive(lambda expected=before + 1: len(streams.times) >= expected, limit_s=LIMIT_S)  # type: ignore[misc]
            server.sendall(FRAME[cut:] + b": still here\nid: 1\n\n")
            streams.receive(lambda expected=before + 2: len(streams.times) >= expected, limit_s=LIMIT_S)  # type: ignore[misc]
        assert len(streams.times) == 1 + 2 * (len(FRAME) - 1), "the one behind the head counts, too"


def test_a_stream_that_the_server_ends_is_told(listener: socket.socket) -> None:
    with opened(listener, HEAD) as (streams, server):
        assert len(streams) == 1
        server.close()
        streams.receive(lambda: streams.ended == 1, limit_s=LIMIT_S)
        assert len(streams) == 0


@pytest.mark.parametrize("answer", [b"HTTP/1.1 503 Service Unavailable\r\n\r\n", HEAD[:20]])
def test_a_stream_that_is_refused_or_never_answered_ends_the_round(listener: socket.socket, answer: bytes) -> None:
    with Streams(listener.getsockname()[1]) as streams, ThreadPoolExecutor(1) as pool:
        serving = pool.submit(listener.accept)
        with pytest.raises(Stuck):
            streams.open([b"ask"], limit_s=0.05)
        with serving.result()[0] as connection:
            connection.sendall(answer)
            with pytest.raises(Stuck):
                streams.open([], limit_s=0.2)


def test_requests_begin_on_time_although_the_last_is_not_answered(listener: socket.socket) -> None:
    with Streams(listener.getsockname()[1]) as streams, Teller(streams, streams.port, connections=1) as teller:
        server, _ = listener.accept()
        with server:
            steady = Steady(teller, 100, lambda number: b"%d;" % number)
            streams.before_waiting = steady
            streams.receive(lambda: teller.sent >= 10, limit_s=LIMIT_S)
            assert server.recv(4096) == b"0;"
            steps = {round(later - sooner, 6) for sooner, later in zip(steady.due, steady.due[1:], strict=False)}
            assert steps == {0.01}
            server.sendall(ANSWER[:-1])
            streams.receive_for(0.05)
            assert teller.answered == 0, "it is not whole"
            server.sendall(ANSWER[-1:])
            streams.receive(lambda: teller.answered == 1, limit_s=LIMIT_S)
            assert server.recv(4096) == b"1;"
            assert teller.took[0] > 0.05
            server.sendall(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")
            with pytest.raises(Stuck, match="503"):
                streams.receive(lambda: teller.answered == 2, limit_s=LIMIT_S)
