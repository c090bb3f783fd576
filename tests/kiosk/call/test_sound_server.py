"""The booth's sound through PipeWire: the call process opens the two devices of the canceller by the names that docs/sound.md gives."""

from __future__ import annotations

import array
import contextlib
import math
import signal
import tempfile
import wave
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING

import av
import pytest
from aiortc.contrib.media import MediaPlayer

from protocol.engine import Answer, Auscultate, Device, Offer, Prepare, Prepared, Sources
from simulators.call import allow_loopback
from simulators.sound_server import SoundServer
from tests.kiosk.call.agent import Agent
from tests.kiosk.call.specialist import AiortcSpecialist, until

if TYPE_CHECKING:
    from collections.abc import Iterator

allow_loopback()

RATE = 48_000
IN_THE_BOOTH, FAR_AWAY = 1000, 700


@pytest.fixture
def server() -> Iterator[SoundServer]:
    with tempfile.TemporaryDirectory() as folder, SoundServer(Path(folder) / "s") as made:
        yield made


def share(samples: array.array[int], pitch: float) -> float:
    """How much of the sound is this tone: 1 when it is nothing else."""
    turns = [2 * math.pi * pitch * number / RATE for number in range(len(samples))]
    found = math.hypot(sum(map(mul, samples, map(math.cos, turns))), sum(map(mul, samples, map(math.sin, turns))))
    return 2 * found**2 / len(samples) / max(sum(map(mul, samples, samples)), 1)


def first_channel(frame: av.AudioFrame) -> array.array[int]:
    return array.array("h", bytes(frame.planes[0])[: 2 * frame.samples * frame.layout.nb_channels])[:: frame.layout.nb_channels]


def tone(path: Path, pitch: float, seconds: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(
            array.array("h", (round(8000 * math.sin(2 * math.pi * pitch * n / RATE)) for n in range(seconds * RATE))).tobytes()
        )
    return path


def purest(path: Path, pitch: float) -> float:
    """The greatest share of the tone in 10 ms of a recording: a busy machine leaves holes in it."""
    with av.open(str(path)) as file:
        heard = array.array("h", (sample for frame in file.decode(audio=0) for sample in first_channel(frame)))
    return max(share(heard[at : at + RATE // 100], pitch) for at in range(0, len(heard), RATE // 100))


@pytest.mark.parametrize(
    ("into", "out"),
    [
        ("room.microphone:input_MONO", "telecabine.microphone:capture_MONO"),
        ("telecabine.speaker:playback_MONO", "room.loudspeaker:monitor_FL"),
        ("telecabine.speaker:playback_MONO", "room.loudspeaker:monitor_FR"),
    ],
)
def test_each_way_works_while_the_other_is_not_used(tmp_path: Path, server: SoundServer, into: str, out: str) -> None:
    """The microphone is judged before the call, and a patient may switch it off and still listen."""
    recorder = server.record(tmp_path / "heard.wav", [out], RATE)
    server.play(tone(tmp_path / "tone.wav", IN_THE_BOOTH, 2), [[into]]).wait(20)
    recorder.send_signal(signal.SIGINT)
    recorder.wait(10)
    assert purest(tmp_path / "heard.wav", IN_THE_BOOTH) > 0.9


async def test_the_call_speaks_and_listens_through_the_echo_canceller(tmp_path: Path, server: SoundServer) -> None:
    """What is said in the room reaches the specialist, and the specialist's voice reaches the room."""
    heard = tmp_path / "heard.wav"
    specialist = AiortcSpecialist(sound=MediaPlayer(f"sine=frequency={FAR_AWAY}:sample_rate={RATE}", format="lavfi").audio)
    server.play(tone(tmp_path / "tone.wav", IN_THE_BOOTH, 30), [["room.microphone:input_MONO"]])
    recorder = server.record(heard, ["room.loudspeaker:monitor_FL"], RATE)
    devices = ("--microphone", "alsa:pipewire:NODE=telecabine.microphone", "--speaker", "alsa:pipewire:NODE=telecabine.speaker")
    async with Agent(tmp_path, "--camera", "none", *devices, environment=server.environment) as agent:
        await agent.send(Sources(camera=False, microphone=True))
        await agent.send(Prepare((), relay_only=False))
        await agent.expect(Prepared)
        await agent.send(Offer(await specialist.offer()))
        await specialist.accept((await agent.expect(Answer)).sdp)
        await agent.state("connected")
        await until(lambda: any(share(first_channel(frame), IN_THE_BOOTH) > 0.9 for frame in specialist.sounds[-10:]), 25)
        led = {("ALSA Playback", "telecabine.speaker"), ("telecabine.microphone", "ALSA Capture")}
        await until(lambda: server.joined() >= led)
        before = len(specialist.sounds)
        await until(lambda: len(specialist.sounds) > before + 50)
    recorder.send_signal(signal.SIGINT)
    recorder.wait(10)
    assert purest(heard, FAR_AWAY) > 0.9
    await specialist.close()


async def test_a_node_that_is_not_there_is_named_and_the_call_goes_on(tmp_path: Path, server: SoundServer) -> None:
    """In the check before the call and in the call; a stethoscope is not opened by another name, its sound would be another's."""
    wrong = "alsa:pipewire:NODE=telecabine.microfone"
    devices = ("--microphone", wrong, "--speaker", "alsa:pipewire:NODE=telecabine.speaker", "--stethoscope", wrong)
    async with Agent(tmp_path, "--camera", "none", *devices, environment=server.environment) as agent:
        await agent.send(Sources(camera=False, microphone=False, seen="booth"))
        await until_said(agent, Device("microphone-node", "microphone-elsewhere"))
        await until_said(agent, Device("speaker-node", ""))
        await until_said(agent, Device("microphone", ""))
        await agent.send(Auscultate(on=True, listening=False))
        await until_said(agent, Device("stethoscope", "no-stethoscope"))
        agent.seen.clear()
        await agent.send(Prepare((), relay_only=False))
        await until_said(agent, Device("microphone-node", "microphone-elsewhere"))


async def test_a_sound_server_that_ends_is_said(tmp_path: Path) -> None:
    """Not a write that never returns: loudspeaker and microphone are named, and the call goes on."""
    specialist = AiortcSpecialist(sound=MediaPlayer(f"sine=frequency={FAR_AWAY}:sample_rate={RATE}", format="lavfi").audio)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        environment = running.enter_context(SoundServer(Path(folder) / "s")).environment
        devices = ("--microphone", "alsa:pipewire:NODE=telecabine.microphone", "--speaker", "alsa:pipewire:NODE=telecabine.speaker")
        async with Agent(tmp_path, "--camera", "none", *devices, environment=environment) as agent:
            await agent.send(Sources(camera=False, microphone=True))
            await agent.send(Prepare((), relay_only=False))
            await agent.expect(Prepared)
            await agent.send(Offer(await specialist.offer()))
            await specialist.accept((await agent.expect(Answer)).sdp)
            await agent.state("connected")
            before = len(specialist.sounds)
            await until(lambda: len(specialist.sounds) > before + 50)
            running.close()
            await until_said(agent, Device("speaker", "no-speaker"))
    await specialist.close()


async def until_said(agent: Agent, wanted: Device) -> None:
    while wanted not in agent.seen:
        await agent.expect(Device)
