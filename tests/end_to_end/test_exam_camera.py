"""An exam camera over agent, call process and station: nothing leaves before the patient's touch, the photograph arrives whole. Needs F002-06, F002-22."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING

from PIL import Image

from protocol import screen
from protocol.specialist import AskPhoto, ExamCameras, ShowCamera
from tests.end_to_end.rig import booth, enter, specialist
from tests.kiosk.specialist_rig import part_of

if TYPE_CHECKING:
    from pathlib import Path

    from simulators.headless import HeadlessSpecialist


async def test_a_photograph_leaves_by_the_patients_yes_and_arrives_whole(tmp_path: Path) -> None:
    """The drawn dermatoscope's 1600 x 1200 pixels, in parts, as FHIR Media; a first one that the patient refused left nothing."""
    async with booth(tmp_path) as (house, helper):
        await helper.to_waiting()
        helper.tap(screen.Consent("photos", given=True))
        async with specialist(house) as doctor:
            await enter(doctor, helper)
            await stands(doctor, cameras=("otoscope", "dermatoscope"))
            await doctor.say(ShowCamera("dermatoscope"))
            await stands(doctor, camera="dermatoscope", state="asked")
            helper.tap(screen.ShowExam(given=True))
            await stands(doctor, camera="dermatoscope", state="shown")

            await doctor.say(AskPhoto())
            await stands(doctor, photo="asked")
            helper.tap(screen.SendPhoto(given=False))
            await stands(doctor, photo="refused")
            await doctor.say(AskPhoto())
            await stands(doctor, photo="asked")
            assert doctor.mail == []
            helper.tap(screen.SendPhoto(given=True, site="skin-arm"))
            await helper.until(lambda: helper.view and [photo.state for photo in helper.view.exam.photos] == ["seen"])
            assert helper.view is not None
            (photo,) = helper.view.exam.photos
            pieces = [part_of(payload, photo.id) for kind, payload in doctor.mail if kind == "part"]
            assert [number for number, _, _ in pieces] == list(range(pieces[0][1]))
            resources = [entry["resource"] for entry in json.loads(b"".join(octets for _, _, octets in pieces))["entry"]]
            (media,) = [resource for resource in resources if resource["resourceType"] == "Media"]
            assert media["bodySite"]["text"] == "Peau du bras ou de la main"
            picture = Image.open(io.BytesIO(base64.b64decode(media["content"]["data"])))
            assert picture.size == (1600, 1200)
            red, green, blue = picture.convert("RGB").resize((40, 30)).getpixel((20, 15))  # type: ignore[misc]
            assert red > green > blue, "a mole"
            helper.tap(screen.ExamCamera(""))
            await stands(doctor, camera="", state="")


async def stands(doctor: HeadlessSpecialist, **wanted: object) -> None:
    """The newest that the booth has said of its exam cameras is so."""

    def so() -> bool:
        told = [message for message in doctor.heard if isinstance(message, ExamCameras)]
        return bool(told) and all(getattr(told[-1], name) == value for name, value in wanted.items())

    await doctor.until(so)
