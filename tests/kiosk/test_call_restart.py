"""The call process dies in a consultation, and the line gives way: what the desk says to whom."""

from pathlib import Path

from protocol import engine, screen, specialist
from tests.kiosk.booth_rig import Desk
from tests.kiosk.specialist_rig import Doctor


def in_call(folder: Path) -> tuple[Desk, Doctor]:
    desk = Desk(folder)
    desk.to_consented()
    desk.tap(screen.Wait())
    doctor = Doctor(desk)
    desk.booth.call_up()
    doctor.join()
    return desk, doctor


def test_a_call_process_that_died_takes_up_the_call_on_the_agreed_certificate(tmp_path: Path) -> None:
    """The page is told when the new process is there, so that its next offer finds one; the consultation goes on."""
    desk, doctor = in_call(tmp_path)
    desk.booth.from_call(engine.Prepared((), b"certificate and key"))
    desk.booth.call_down()
    desk.booth.tick()
    assert not any(isinstance(message, specialist.CallFailed) for message in doctor.heard)
    assert desk.view.call.message == "call-restarted"
    desk.booth.call_up()
    assert engine.Prepare((), relay_only=False, identity=b"certificate and key") in desk.ports.called
    assert doctor.heard[-1] == specialist.CallFailed("call-restarted")
    assert desk.view.stage == "in-call"


def test_what_the_link_leaves_is_said_on_both_screens_and_recorded(tmp_path: Path) -> None:
    desk, doctor = in_call(tmp_path)

    def second(picture: str, sound: str) -> str:
        figures = engine.Statistics(0, 0, 0, 0, 0, 60, 100, picture, sound)  # type: ignore[arg-type]
        desk.booth.from_call(figures)
        desk.booth.tick()
        return desk.view.call.message

    assert second("moving", "full") == ""
    assert not any(isinstance(message, specialist.Media) for message in doctor.heard)
    assert second("none", "full") == "picture-none"
    assert second("none", "none") == "sound-none"
    assert second("none", "none") == "sound-none"
    assert second("stills", "thin") == "picture-stills"
    assert second("moving", "full") == ""
    told = [(message.picture, message.sound) for message in doctor.heard if isinstance(message, specialist.Media)]
    assert told == [("none", "full"), ("none", "none"), ("stills", "thin"), ("moving", "full")]


def test_what_is_being_written_is_seen_at_each_character_both_ways(tmp_path: Path) -> None:
    """Real-time text (EN 301 549, 6.2), without any call."""
    desk, doctor = in_call(tmp_path)
    for text in ("B", "Bo"):
        doctor.say(specialist.Draft(text))
        assert desk.view.texts[-1].text == f"{text} …"
    doctor.say(specialist.Text("Bon.", 1))
    assert [line.text for line in desk.view.texts] == ["Bon."]
    desk.tap(screen.Drafting("O"), screen.Drafting("Ou"))
    assert [message.text for message in doctor.heard if isinstance(message, specialist.Draft)] == ["O", "Ou"]
