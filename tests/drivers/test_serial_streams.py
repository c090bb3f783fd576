"""What serial drivers do beyond one frame: lost bytes, endless rubbish, answers to the device, commands that must not exist."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.driver import DecodeError, Driver, Serial, load
from drivers.measurement import Frame, Reading, Refused
from drivers.wire import contec_cms50_9, lifescan_binary, taidoc
from tests.drivers.frames import RECEIVED, expectations, run, says

SERIAL = {name: driver for name, driver in load().items() if isinstance(driver.link, Serial)}
every_serial_driver = pytest.mark.parametrize("name", SERIAL)
#: commands that erase, clear, reset, inflate or set a clock, from the documents of each protocol
FORBIDDEN = {
    "contec-cms50-9": (contec_cms50_9.command(0xAE),),
    "mt-sics": (b"@\r\n", b"Z\r\n", b"T\r\n"),
    "healthometer": (b"\x1bX", b"\x1bS", b"\x1bC", b"\x1bU"),
    "taidoc": (taidoc.command(0x52), taidoc.command(0x33)),
    "lifescan-ascii": (b"DMZ", b"DMT"),
    "lifescan-binary": (b"\x05\x1a", b"\x05\x20\x01"),
    "freestyle": (b"$tim", b"$reset"),
    "nonin-df13": (b"\x02\x72\x06",),
}


def frame(name: str, data: bytes) -> Frame:
    return Frame(name, data, RECEIVED, "device")


def good_bytes(name: str) -> bytes:
    """All frames of the fixture that decode without a refusal, one after the other."""
    good = [e.frame.data for e in expectations(SERIAL[name]) if e.refused is None and not any(s.startswith("refused") for s in e.says)]
    ends = b"\r\n" if name in ("masimo-ascii", "freestyle", "lifescan-ascii", "accutorr") else b""
    return ends.join(good) + ends


def answers(driver: Driver, *pieces: bytes) -> list[bytes]:
    sent = []
    for piece in pieces:
        for _ in driver.receive(frame(driver.name, piece)):
            pass
        sent += driver.replies()
    return sent


@every_serial_driver
def test_every_command_is_on_the_allow_list_and_none_erases_or_sets(name: str) -> None:
    link = SERIAL[name].link
    assert isinstance(link, Serial)
    allowed = SERIAL[name]().commands()
    assert {*link.opening, link.keep_alive} - {b""} <= set(allowed)
    for command in allowed:
        assert not any(bad in command for bad in FORBIDDEN.get(name, ())), command


@every_serial_driver
@pytest.mark.parametrize("seed", range(3))
def test_fuzzed_streams_raise_nothing_and_are_answered_from_the_allow_list_only(name: str, seed: int) -> None:
    source = random.Random(f"{name} {seed}")
    good, driver = good_bytes(name), SERIAL[name]()
    allowed = set(driver.commands())
    for _ in range(300):
        at = source.randrange(len(good))
        piece = bytearray(good[at : at + source.randrange(60)])
        for _ in range(source.randrange(3)):
            piece.insert(source.randrange(len(piece) + 1), source.randrange(256))
        try:
            for item in driver.receive(frame(name, bytes(piece))):
                assert isinstance(item, Reading | Refused)
        except DecodeError:
            pytest.fail("a stream refuses by Refused, it does not raise")
        assert set(driver.replies()) <= allowed


@every_serial_driver
@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 2000), max_size=8))
def test_however_a_stream_is_cut_it_says_the_same(name: str, cuts: list[int]) -> None:
    data = good_bytes(name) + b"\xff\x01" + good_bytes(name)
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    pieces = [frame(name, data[a:b]) for a, b in pairwise(edges)]
    whole, cut = run(SERIAL[name], frame(name, data)), run(SERIAL[name], *pieces)
    assert [says(item) for item in cut] == [says(item) for item in whole]
    hashes = [[item.raw_sha256 for item in found if isinstance(item, Reading)] for found in (whole, cut)]
    assert hashes[0] == hashes[1], "the evidence is the hash of the frame's own bytes, however they came"


@every_serial_driver
def test_endless_rubbish_is_counted_and_never_kept(name: str) -> None:
    for byte in (0x00, 0x01, 0x02, 0x1B, 0x41, 0x51, 0x52, 0x7D, 0xF2, 0xFF):
        driver = SERIAL[name]()
        found = list(driver.receive(frame(name, bytes((byte,)) * 20_000)))
        assert not any(isinstance(item, Reading) and item.measurements for item in found), hex(byte)
        buffered = [value for value in vars(driver).values() if isinstance(value, bytearray | list | str)]
        assert sum(map(len, buffered)) <= 1024, hex(byte)


@pytest.mark.parametrize("name", ["contec-cms50-9", "nonin-df8", "nonin-df13", "healthometer", "taidoc", "lifescan-binary", "mt-sics"])
def test_a_lost_byte_costs_its_frame_and_never_the_next(name: str) -> None:
    one = next(e.frame.data for e in expectations(SERIAL[name]) if any(not s.startswith(("flag", "time", "refused")) for s in e.says))
    expected = [says(item) for item in run(SERIAL[name], frame(name, one))]
    for at in range(len(one)):
        found = run(SERIAL[name], frame(name, one[:at] + one[at + 1 :] + one * 2))
        said = [says(item) for item in found if isinstance(item, Reading)]
        assert said[-len(expected) :] == expected, at


def test_nonin_packet_with_a_lost_frame_is_given_up_whole_and_the_next_is_taken() -> None:
    good = next(e.frame.data for e in expectations(SERIAL["nonin-df2"]) if e.refused is None)
    found = run(SERIAL["nonin-df2"], frame("nonin-df2", good[:50] + good[55:] + good))
    assert [type(item) for item in found] == [Refused, Reading]
    assert isinstance(found[0], Refused)
    assert found[0].reason == "a packet of 24 frames in place of 25"


def test_nonin_says_no_value_and_why_when_the_finger_is_out() -> None:
    missing = {1: 3, 2: 127, 3: 127, 8: 1, 10: 127, 14: 3, 15: 127, 16: 127}
    frames = [bytes((0x89 if slot == 1 else 0x80, 0x12, 0x34, missing.get(slot, 0))) for slot in range(1, 26)]
    (item,) = run(SERIAL["nonin-df7"], frame("nonin-df7", b"".join(one + bytes((sum(one) & 0xFF,)) for one in frames)))
    assert says(item)[:5] == [f"{vital} - not-performed" for vital in ("pulse-rate", "spo2", "spo2-fast", "pulse-rate-slow", "spo2-slow")]
    assert says(item)[30:] == ["flag sensor-alarm", "flag low-battery"]


def test_astm_takes_nothing_but_glucose() -> None:
    (item,) = run(SERIAL["astm"], frame("astm", b"R|1|^^^Ketone|0.6|mmol/L^B||||201202052034\r"))
    assert says(item) == ["refused a result that is not glucose"]


def test_spot_check_is_acknowledged_and_a_damaged_one_refused() -> None:
    good = expectations(SERIAL["nonin-df13"])[0].frame.data
    assert answers(SERIAL["nonin-df13"](), good) == [b"\x06"]
    assert answers(SERIAL["nonin-df13"](), good[:-2] + b"\x00\x03") == [b"\x15"]


def test_astm_answers_only_once_the_meter_has_asked_and_takes_a_repeated_frame_once() -> None:
    framed = next(e.frame.data for e in expectations(SERIAL["astm"]) if e.frame.data.startswith(b"\x05\x02"))
    enquiry, record, end = framed[:1], framed[1:-1], framed[-1:]
    damaged = record.replace(b"600", b"601")
    assert answers(SERIAL["astm"](), record) == []
    driver = SERIAL["astm"]()
    assert answers(driver, enquiry, damaged, record, record, end) == [b"\x06", b"\x15", b"\x06", b"\x06"]
    found = run(SERIAL["astm"], frame("astm", enquiry + damaged + record + record + end))
    assert [says(item)[0] for item in found] == ["refused wrong checksum", "glucose 600 mg/dL"]


def test_astm_record_in_two_frames_is_one_record_and_a_missing_frame_is_refused() -> None:
    def framed(number: int, text: bytes, end: bytes = b"\x17") -> bytes:
        body = b"%d" % number + text + end
        return b"\x02" + body + b"%02X" % (sum(body) % 256) + b"\r\n"

    two = framed(1, b"R|8|^^^Glucose|13") + framed(2, b"3|mg/dL^P||A||201202052034\r", b"\x03")
    assert [says(item)[0] for item in run(SERIAL["astm"], frame("astm", b"\x05" + two))] == ["glucose 133 mg/dL"]
    gap = framed(1, b"P|1\r") + framed(3, b"R|8|^^^Glucose|133|mg/dL^P||A||201202052034\r", b"\x03")
    assert [says(item)[0] for item in run(SERIAL["astm"], frame("astm", b"\x05" + gap))] == [
        "flag record-p",
        "refused frame 3 where frame 2 is due",
    ]


def test_taidoc_is_asked_for_its_clock_and_its_newest_result_only() -> None:
    frames = [e.frame.data for e in expectations(SERIAL["taidoc"]) if e.refused is None]
    connected, clock, exchange = frames[1], frames[2], frames[3]
    count, taken, value = exchange[:8], exchange[8:16], exchange[16:]
    sent = answers(SERIAL["taidoc"](), connected, clock, count, taken, value)
    assert [command[1] for command in sent] == [0x23, 0x2B, 0x25, 0x26]
    assert all(command[2:6] == bytes(4) for command in sent)


def test_lifescan_exchange_alternates_its_bits_and_ends_after_the_newest_result() -> None:
    acknowledge, disconnect = lifescan_binary.ACKNOWLEDGE, lifescan_binary.DISCONNECT
    packet, send, expect = lifescan_binary.packet, lifescan_binary.SEND, lifescan_binary.EXPECT
    clock, result = b"\x05\x06" + bytes(4), b"\x05\x06" + bytes(4) + b"\x6f\x00\x00\x00"
    driver = SERIAL["lifescan-binary"]()
    assert answers(driver, packet(disconnect)) == [packet(0, lifescan_binary.READ_CLOCK)]
    assert answers(driver, packet(acknowledge)) == []
    assert answers(driver, packet(expect, clock)) == [
        packet(send | expect | acknowledge),
        packet(send | expect, lifescan_binary.READ_NEWEST),
    ]
    assert answers(driver, packet(acknowledge)) == []
    assert answers(driver, packet(send, result)) == [packet(acknowledge)]


def test_a_scale_that_repeats_a_stable_weight_settles_it_once_per_weighing() -> None:
    lines = (
        b"S S      0.00 kg\r\n" + b"S S     70.25 kg\r\n" * 3 + b"S D      0.30 kg\r\n" + b"S S     70.25 kg\r\n" + b"S S     70.30 kg\r\n"
    )
    found = run(SERIAL["mt-sics"], frame("mt-sics", lines))
    assert [item.settled for item in found if isinstance(item, Reading) and item.measurements] == [False, True, False, False, True, True]


def test_a_print_without_bmi_is_completed_when_the_line_is_quiet_and_keeps_its_own_time() -> None:
    driver = SERIAL["adam"]()
    assert list(driver.receive(frame("adam", b"Patient Id: 17\r\nWeight: 61.50 kg\r\n"))) == []
    (reading,) = driver.finish()
    assert isinstance(reading, Reading)
    assert (reading.patient, reading.received) == ("17", RECEIVED)
    assert list(driver.finish()) == []


def test_a_link_that_speaks_frames_never_takes_a_record_without_checksum() -> None:
    bare = b"R|8|^^^Glucose|133|mg/dL^P||||201202052034\r"
    assert any(isinstance(item, Reading) for item in run(SERIAL["astm"], frame("astm", bare)))
    for before in (b"\x05", b"\x04", b"\x02"):
        assert not any(isinstance(item, Reading) for item in run(SERIAL["astm"], frame("astm", before + bare))), before
