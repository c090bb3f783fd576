"""webrtcbin's sender in the bench does what the other side's REMB says."""

import pytest
from aiortc.rtp import pack_remb_fci

from bench.rural import remb


@pytest.mark.parametrize("rate", [64_000, 237_568, 1_499_136])
def test_the_rate_of_a_remb_is_read(rate: int) -> None:
    """The octets are aiortc's."""
    assert remb.allowed(pack_remb_fci(rate, [0x12345678])) == pytest.approx(rate, rel=1e-4)


def test_a_rate_is_kept_within_what_the_encoder_can_do_and_other_feedback_is_none() -> None:
    assert remb.allowed(pack_remb_fci(9_000, [1])) == remb.LEAST
    assert remb.allowed(pack_remb_fci(90_000_000, [1])) == remb.MOST
    assert remb.allowed(b"GOOG" + bytes(12)) is None
    assert remb.allowed(b"REMB") is None


def test_a_picture_shrinks_at_once_and_grows_with_a_margin() -> None:
    assert remb.divisor(200_000) == 2
    assert remb.divisor(179_000, 2) == 4
    assert remb.divisor(190_000, 4) == 4
    assert remb.divisor(210_000, 4) == 2
    assert remb.divisor(750_000, 2) == 2
    assert remb.divisor(810_000, 2) == 1


def test_an_answer_asks_for_remb_once() -> None:
    answer = "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtpmap:97 rtx/90000\r\n"
    assert remb.asked(answer, 96).splitlines()[1:3] == ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 goog-remb"]
