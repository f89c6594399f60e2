"""One line that is signed in: what it notices beside the model."""

from __future__ import annotations

import pytest

from tests.fakes.vtube_studio import Consent, FakeVTubeStudio
from tests.integrations.vtube_studio.room import Room
from voxelle.integrations.vtube_studio.session import NO_FACE
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    made = FakeVTubeStudio(clock)
    made.sign_in.consent = Consent.ALLOWS
    return made


async def test_a_camera_that_sees_nobody_is_told_from_the_beginning(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.until(lambda: NO_FACE in room.snapshot.notes)
        fake.stage.track(is_found=True)
        await room.until(lambda: NO_FACE not in room.snapshot.notes)


async def test_a_lost_face_is_a_note_unless_nobody_sits_there(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        fake.stage.track(is_found=True)
        fake.stage.track(is_found=False)
        await room.until(lambda: NO_FACE in room.snapshot.notes, 1)
        assert room.service.apply(room.service.settings.model_copy(update={"face_found": True}))
        await room.until(lambda: NO_FACE not in room.snapshot.notes, 1)
