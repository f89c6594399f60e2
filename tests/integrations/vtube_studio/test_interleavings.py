"""Ten thousand interleavings of everything that may happen at once: the face does nothing forbidden, and ends neutral.

`VOXELLE_TEST_SEED=… pytest tests/integrations/vtube_studio/test_interleavings.py` replays a run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.fakes.vtube_studio import typescript
from tests.fakes.vtube_studio.models import AKARI, HIYORI, WORDLESS, Expression
from tests.integrations.vtube_studio.faces import PLAYHEAD_S, Stage, expression, hotkey, model_of, pose, row, stage_of
from voxelle.domain.avatar import Emotion, MouthShape
from voxelle.domain.errors import InputError, TemporaryError
from voxelle.domain.events import ShowChanged, ShowSnapshot
from voxelle.domain.speech import TurnState
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.settings import ModelMapping, MouthRoute
from voxelle.kernel.clock import Clock, LoopClock, Randomness
from voxelle.kernel.tasks import TaskScope
from voxelle.kernel.virtual_loop import run_virtual

SEED = int(os.environ.get("VOXELLE_TEST_SEED", "20261206"))
EVENINGS = 50
INTERLEAVINGS = 200
"""Of an evening."""
AT_ONCE = (2, 5)
"""So many things happen within an interleaving."""
GONE_S = 1.1
"""An input that nobody sends any more is lost after a second."""

EMOTIONS = tuple(Emotion)
SHAPES = [MouthShape(0.5 + 0.4 * (place % 3 - 1), 0.6, energy=0.4) for place in range(120)]
MAPPINGS = {
    AKARI: ModelMapping(
        rows=(
            row((Emotion.JOY, Emotion.AMUSEMENT), hotkey("Smile"), hotkey("Wave"), hold_s=0.4),
            row(Emotion.SADNESS, expression("EyesCry.exp3.json"), hold_s=1.5),
            row((Emotion.ANGER, Emotion.ANNOYANCE), hotkey("Angry"), expression("Smile.exp3.json"), hold_s=0.0),
            row(Emotion.LOVE, expression("Love.exp3.json"), pose(MouthSmile=1.0, FaceAngleZ=10.0), hold_s=0.8, cooldown_s=0.3),
            row(Emotion.SURPRISE, hotkey("Surprised"), hold_s=0.2),
            row(Emotion.GRIEF, hotkey("Vanished"), expression("gone.exp3.json")),
            row(Emotion.PRIDE, pose(FaceAngleY=5.0, MouthOpen=0.5, NoSuchInput=1.0), hold_s=0.5),
            row(Emotion.RELIEF, hotkey("Clear face")),
        ),
        default=row((), hotkey("Blush"), hotkey("Nod"), hold_s=0.3, threshold=0.5),
        idle=(hotkey("Wave"), expression("Blush.exp3.json")),
        listening=expression("Love.exp3.json"),
        thinking=hotkey("Blush"),
    ),
    HIYORI: ModelMapping(
        rows=(row(Emotion.JOY, hotkey("happy")), row(Emotion.SADNESS, hotkey("sad"), hold_s=0.0)), default=row((), hotkey("dance"))
    ),
}
ERRORS = {
    "HotkeyTriggerRequest": (0, 200, 201, 202, 203, 203, 204, 205, 206),
    "ExpressionActivationRequest": (0, 7),
    "ExpressionStateRequest": (0, 600, 601),
    "InjectParameterDataRequest": (0, 451, 453, 454),
}


class Evening:
    """One stream: a face that connects again and again, and what happens around it."""

    def __init__(self, stage: Stage, randomness: Randomness, scope: TaskScope) -> None:
        self.stage = stage
        self.randomness = randomness
        self.scope = scope
        self.turn = 0
        self.is_over = False
        self.face: asyncio.Task[None] | None = None
        self.happenings: list[Callable[[], None]] = [
            *[self.hear] * 10, *[self.speak] * 3, self.cut, self.cut, self.think, self.fall_silent, self.listen,
            self.switch_model, self.change_hotkeys, self.drop, self.revoke, self.fail, self.fail, self.hold, self.release,
            self.press_by_hand, self.open_windows, self.test, self.change_settings, self.lag,
        ]  # fmt: skip

    async def keep_connected(self) -> None:
        """Run the face on one line after another, as the service does."""
        while not self.is_over:
            with suppress(TemporaryError, ApiError, asyncio.CancelledError):
                api = await self.stage.connect()
                self.face = self.scope.start(self.stage.face.run(api, model_of(self.stage.fake)), name="face", is_awaited=True)
                await self.face
            self.stage.fake.drop_all()
            await self.stage.clock.sleep(self.randomness.choice((0.0, 0.05, 0.5)))

    async def end(self) -> None:
        """Let everything be well again, and the face end as when the program is closed."""
        stage = self.stage
        stage.fake.faults.clear()
        stage.fake.stage.has_windows_open = False
        if stage.fake.model is None:
            stage.fake.stage.load(AKARI)
        for session in [each for each in stage.fake.sessions if each.is_revoked]:
            # Who is no longer allowed can't clear anything; the next line can.
            stage.fake.drop(session)
            if self.face is not None:
                self.face.cancel()
        self.later(stage.fake.stage.switched_at + 0.3)
        await stage.clock.sleep(4.0)
        self.is_over = True
        if self.face is not None:
            self.face.cancel()
            with suppress(TemporaryError, asyncio.CancelledError):
                await self.face

    def later(self, at: float) -> None:
        """Let the face learn of the model at a moment."""
        model = model_of(self.stage.fake)

        async def tell() -> None:
            await self.stage.clock.sleep(at - self.stage.clock.monotonic())
            if model_of(self.stage.fake).id == model.id:
                self.stage.face.use_model(model_of(self.stage.fake))

        self.scope.start(tell(), name="model")

    @property
    def turn_id(self) -> str:
        return f"turn {self.turn}"

    def hear(self) -> None:
        self.stage.hear(self.randomness.choice(EMOTIONS), self.randomness.random(), self.turn_id)

    def speak(self) -> None:
        """Let some of a clause sound, if its shapes came in time."""
        if self.randomness.random() < 0.8:
            self.stage.track(SHAPES, turn_id=self.turn_id)
        turn_id, seconds = self.turn_id, self.randomness.choice((0.08, 0.2))

        async def sound() -> None:
            for step in range(round(seconds / PLAYHEAD_S)):
                self.stage.playhead(step * PLAYHEAD_S, turn_id=turn_id)
                await self.stage.clock.sleep(PLAYHEAD_S)

        self.stage.state(TurnState.SPEAKING, self.turn_id)
        self.scope.start(sound(), name="sound")

    def cut(self) -> None:
        self.stage.state(TurnState.INTERRUPTED, self.turn_id)
        self.turn += 1

    def think(self) -> None:
        self.stage.state(TurnState.THINKING, self.turn_id)

    def fall_silent(self) -> None:
        self.stage.state(TurnState.IDLE)
        self.turn += 1

    def listen(self) -> None:
        self.stage.announce(ShowChanged(ShowSnapshot(is_listening=self.randomness.random() < 0.5)))

    def switch_model(self) -> None:
        fake = self.stage.fake
        fake.stage.load(self.randomness.choice((*[AKARI] * 6, HIYORI, HIYORI, WORDLESS, "")))
        self.later(self.stage.clock.monotonic() + self.randomness.uniform(0.0, 0.3))

    def change_hotkeys(self) -> None:
        self.stage.face.use_model(model_of(self.stage.fake))

    def drop(self) -> None:
        """Lose the line; the service may notice it before the face does."""
        if self.stage.api is not None and self.randomness.random() < 0.3:
            self.stage.fake.drop(self.stage.api.session)
            if self.face is not None and self.randomness.random() < 0.5:
                self.face.cancel()

    def revoke(self) -> None:
        if self.randomness.random() < 0.1:
            self.stage.fake.sign_in.revoke()

    def fail(self) -> None:
        kind = self.randomness.choice(tuple(ERRORS))
        self.stage.fake.faults.fail_next(kind, self.randomness.choice(ERRORS[kind]), self.randomness.choice((1, 1, 2, 4)))

    def hold(self) -> None:
        self.stage.fake.parameters.hold_by_other(self.randomness.choice(("MouthOpen", "MouthSmile", "VoiceA", "FaceAngleZ")))

    def release(self) -> None:
        for name in ("MouthOpen", "MouthSmile", "VoiceA", "FaceAngleZ"):
            self.stage.fake.parameters.release_by_other(name)

    def press_by_hand(self) -> None:
        """The streamer uses the keyboard as well."""
        model = self.stage.fake.model
        toggles = [each.name for each in model.hotkeys if each.type == "ToggleExpression"] if model is not None else []
        if toggles:
            self.stage.fake.hotkeys.press(self.randomness.choice(toggles))

    def open_windows(self) -> None:
        self.stage.fake.stage.has_windows_open = self.randomness.random() < 0.3

    def test(self) -> None:
        deed = self.randomness.choice((hotkey("Smile"), expression("Angry.exp3.json"), pose(FaceAngleX=5.0), hotkey("Nowhere")))

        async def play() -> None:
            with suppress(InputError, TemporaryError):
                await self.stage.face.play(deed)

        self.scope.start(play(), name="test")

    def change_settings(self) -> None:
        self.stage.set(
            mouth_route=self.randomness.choice(tuple(MouthRoute)),
            moves_when_silent=self.randomness.random() < 0.5,
            blinks=self.randomness.random() < 0.1,
            face_found=self.randomness.random() < 0.1,
            shows_emotions=self.randomness.random() < 0.9,
        )

    def lag(self) -> None:
        self.stage.fake.faults.delay_s = self.randomness.choice((0.0, 0.0, 0.01, 0.08))


async def play_evening(clock: Clock, seed: int) -> list[dict[str, Any]]:
    """Play one evening; return what was sent, one message of each kind and shape."""
    randomness = Randomness(seed)
    async with stage_of(clock, seed=seed, mouth_rate=30, idle_every_s=5.0) as stage:
        # Two models of one artist have files of the same name.
        stage.fake.stage.library[HIYORI].expressions.append(Expression("Smile.exp3.json"))
        for model_id, mapping in MAPPINGS.items():
            stage.map(mapping, model_id)
        evening = Evening(stage, randomness, stage.scope)
        keeping = stage.scope.start(evening.keep_connected(), name="service", is_awaited=True)
        for _ in range(INTERLEAVINGS):
            for _ in range(randomness.randint(*AT_ONCE)):
                randomness.choice(evening.happenings)()
                for _ in range(randomness.randint(0, 3)):
                    await clock.sleep(0)
            await clock.sleep(randomness.choice((0.0, 0.001, 0.02, 0.1, 0.3, 0.6)))
            assert not stage.fake.violations, stage.fake.violations
        await evening.end()
        await keeping
        await clock.sleep(GONE_S)
        face = stage.fake.face()
        assert not stage.fake.violations, stage.fake.violations
        assert face.is_neutral, face
        assert any(cue.is_done for cue in stage.cues)
        return [*{frozenset(_shape(message)): message for message in stage.messages()}.values()]


def _shape(message: dict[str, Any]) -> list[str]:
    data = message.get("data") or {}
    return [message["messageType"], *data, str(data.get("mode")), str(len(data.get("parameterValues") or ()) > 1)]


def test_whatever_happens_nothing_forbidden_is_sent_and_the_face_ends_neutral() -> None:
    sent: list[dict[str, Any]] = []
    for number in range(EVENINGS):
        try:
            sent += run_virtual(play_evening(LoopClock(), SEED + number))
        except AssertionError as error:
            pytest.fail(f"VOXELLE_TEST_SEED={SEED + number} replays this evening first: {error}")
    assert {"HotkeyTriggerRequest", "ExpressionActivationRequest", "InjectParameterDataRequest"} <= {each["messageType"] for each in sent}
    assert typescript.check(sent) == []
