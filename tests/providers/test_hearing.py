"""The engines that hear: built with every show, loaded when she listens, freed when she does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.packs import no_pip
from voxelle.domain.errors import SetupError
from voxelle.domain.events import EngineState, Event, FallbackSwitched, SettingsChanged
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Randomness
from voxelle.kernel.packs import PackStore, load_packs
from voxelle.kernel.paths import resource
from voxelle.providers.catalogue import Catalogue, CataloguePorts, EngineSet
from voxelle.providers.remote import KeyGetter
from voxelle.settings.hearing import Recognizer
from voxelle.settings.schema import Settings


class House:
    """A catalogue whose settings can be changed."""

    def __init__(self, packs: PackStore, bus: Bus, clock: Clock, randomness: Randomness) -> None:
        self.settings = Settings()
        self.bus = bus
        self.events: list[Event] = []
        bus.subscribe(FallbackSwitched, self.events.append)
        self._ports = CataloguePorts(
            settings=lambda: self.settings,
            key_of=self._key,
            lines=tuple,
            packs=packs,
            emotion_head=resource("emotion", "head.npz"),
            bus=bus,
            clock=clock,
            randomness=randomness,
        )
        self.catalogue = Catalogue(self._ports)

    def other(self, engine_set: EngineSet) -> Catalogue:
        return Catalogue(self._ports, engine_set)

    def change(self, part: str, **values: object) -> SettingsChanged:
        """Change settings as the settings service does, and tell."""
        changed = getattr(self.settings, part).model_copy(update=values)
        self.settings = self.settings.model_copy(update={part: changed})
        event = SettingsChanged(tuple(f"{part}.{name}" for name in values))
        self.bus.announce(event)
        return event

    def states(self) -> dict[str, EngineState]:
        return {status.id: status.state for status in self.catalogue.room.statuses() if status.stage in {"vad", "end_of_turn", "stt"}}

    @staticmethod
    def _key(name: str) -> KeyGetter:
        async def get() -> str:
            return ""

        return get


@pytest_asyncio.fixture
async def house(tmp_path: Path, bus: Bus, clock: Clock, randomness: Randomness) -> AsyncIterator[House]:
    """One without weights."""
    packs = PackStore(load_packs(resource("packs")), tmp_path / "packs", tmp_path / "cache", pip=no_pip())
    made = House(packs, bus, clock, randomness)
    yield made
    await made.catalogue.close()


@pytest_asyncio.fixture
async def furnished(installed: PackStore, bus: Bus, clock: Clock, randomness: Randomness) -> AsyncIterator[House]:
    """One with the weights of this machine."""
    made = House(installed, bus, clock, randomness)
    made.change("hearing", embedded_pack="stt-tiny")
    yield made
    await made.catalogue.close()


async def test_ears_stand_first_in_the_room_and_nothing_is_loaded_while_she_does_not_listen(house: House) -> None:
    assert list(house.states()) == ["silero", "smart_turn", "whisper", "openai_transcription"]
    await house.catalogue.apply_hearing()
    assert set(house.states().values()) == {EngineState.ABSENT, EngineState.UNLOADED}


async def test_without_weights_every_engine_is_tried_and_the_first_failure_is_told(house: House) -> None:
    house.change("hearing", is_enabled=True, chain=(Recognizer.OPENAI_TRANSCRIPTION,), transcription_model="whisper-1")
    with pytest.raises(SetupError, match="missing: open Engines and press Install"):
        await house.catalogue.apply_hearing()
    assert house.states()["openai_transcription"] is EngineState.READY


async def test_the_chain_follows_the_settings(house: House) -> None:
    assert house.catalogue.recognizer.serving == "whisper"
    house.change("hearing", chain=(Recognizer.OPENAI_TRANSCRIPTION, Recognizer.WHISPER))
    assert house.catalogue.recognizer.serving == "openai_transcription"
    assert house.events == [
        FallbackSwitched(
            "stt", "whisper", "openai_transcription", "The order of the engines was changed. The transcription server serves now."
        )
    ]
    house.change("hearing", speech_from=0.7)
    assert len(house.events) == 1


@pytest.mark.parametrize(
    "path, touches",
    [
        ("hearing.is_enabled", True),
        ("hearing.chain", True),
        ("hearing.embedded_pack", True),
        ("hearing.language", True),
        ("language_model.threads", True),
        ("language_model.low_impact", True),
        ("hearing.speech_from", False),
        ("voice.volume", False),
    ],
)
def test_only_some_settings_ask_for_loading(path: str, touches: bool) -> None:
    assert Catalogue.touches_hearing(SettingsChanged((path,))) is touches


async def test_a_set_of_engines_fixes_the_recogniser_and_stubs_hear_nothing(house: House) -> None:
    house.change("hearing", is_enabled=True, chain=(Recognizer.OPENAI_TRANSCRIPTION,))
    for engine_set, megabytes in ((EngineSet.SMALL, 78.1), (EngineSet.DEFAULT, 147.9)):
        catalogue = house.other(engine_set)
        assert catalogue.recognizer.serving == "whisper"
        assert [status.size_mb for status in catalogue.room.statuses() if status.id == "whisper"] == [megabytes]
        await catalogue.close()
    stubs = house.other(EngineSet.STUB)
    await stubs.apply_hearing()
    assert {status.stage for status in stubs.room.statuses()} == {"llm", "tts"}
    await stubs.close()


@pytest.mark.engines
async def test_ears_are_loaded_when_she_listens_loaded_anew_for_other_threads_and_freed_again(furnished: House) -> None:
    catalogue = furnished.catalogue
    furnished.change("hearing", is_enabled=True)
    await catalogue.apply_hearing()
    first = {name: catalogue.pid(name) for name in ("silero", "smart_turn", "whisper")}
    assert first["silero"] == first["smart_turn"] != first["whisper"]
    assert all(first.values())
    await catalogue.apply_hearing()
    assert catalogue.pid("whisper") == first["whisper"]
    furnished.change("language_model", low_impact=True)
    await catalogue.apply_hearing()
    assert catalogue.pid("silero") == first["silero"]
    assert catalogue.pid("whisper") not in {None, first["whisper"]}
    furnished.change("hearing", is_enabled=False)
    await catalogue.apply_hearing()
    assert set(furnished.states().values()) == {EngineState.UNLOADED}


async def test_whose_voice_it_is_costs_nothing_until_only_the_streamer_is_to_be_heard(house: House) -> None:
    hearing = house.catalogue._hearing
    house.change("hearing", is_enabled=True)
    assert "resemblyzer" not in hearing.wanted
    event = house.change("hearing", only_me=True)
    assert "resemblyzer" in hearing.wanted
    assert Catalogue.touches_hearing(event)
    house.change("hearing", is_enabled=False)
    assert hearing.wanted == ()
    status = next(each for each in house.catalogue.room.statuses() if each.stage == "speaker")
    assert (status.id, status.state, status.size_mb) == ("resemblyzer", EngineState.ABSENT, 17.1)
