"""Finding VTube Studio, joining it, staying, and coming back."""

from __future__ import annotations

import pytest

from tests.fakes.vtube_studio import AKARI, HIYORI, WORDLESS, Consent, ErrorId, FakeVTubeStudio, memory_net
from tests.fakes.vtube_studio.session import Logged
from tests.fakes.vtube_studio.typescript import check
from tests.integrations.vtube_studio.room import Room
from voxelle.domain.avatar import AvatarState
from voxelle.domain.chat import ChannelEvent
from voxelle.domain.errors import TemporaryError
from voxelle.domain.events import HealthLevel
from voxelle.integrations.vtube_studio.api import ApiError
from voxelle.integrations.vtube_studio.errors import API_OFF_SENTENCE
from voxelle.integrations.vtube_studio.net import Ears, Net, OnBroadcast, Socket
from voxelle.integrations.vtube_studio.parameters import OWN_PARAMETERS
from voxelle.integrations.vtube_studio.service import ELSEWHERE, SEARCHING, STRANGER
from voxelle.integrations.vtube_studio.session import SUBSCRIPTIONS
from voxelle.kernel.clock import Clock

pytestmark = pytest.mark.virtual_time


@pytest.fixture
def fake(clock: Clock) -> FakeVTubeStudio:
    made = FakeVTubeStudio(clock)
    made.sign_in.consent = Consent.ALLOWS
    return made


async def test_it_finds_and_joins_by_itself(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready(5)
        snapshot = room.snapshot
        assert (snapshot.model_id, snapshot.model_name) == (AKARI, "Akari")
        assert snapshot.connected_to is not None
        assert (snapshot.connected_to.host, snapshot.connected_to.port) == ("127.0.0.1", fake.port)
        assert [each.instance_id for each in snapshot.instances] == [fake.instance_id]
        assert "Smile" in [each.name for each in snapshot.hotkeys]
        assert "Smile.exp3.json" in [each.file for each in snapshot.expressions]
        assert {"MouthOpen", *(each.name for each in OWN_PARAMETERS)} <= set(snapshot.parameters)
        assert snapshot.program_version == fake.version
        assert room.light == (HealthLevel.OK, "Moves Akari in VTube Studio.")
        assert set(fake.sessions[0].subscriptions) == {name for name, _ in SUBSCRIPTIONS}
        assert room.face.models == [room.service.session.reader.model] if room.service.session else False
    assert room.face.ended_with == ["neutral"]
    assert fake.sessions == []
    assert fake.violations == []
    assert room.light[0] is HealthLevel.OFF
    assert room.snapshot.connected_to is None


async def test_an_hour_without_the_program_is_no_storm(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.is_running = False
    async with Room(clock, fake).open() as room:
        await clock.sleep(3600)
        assert room.states == [AvatarState.SEARCHING]
        assert room.snapshot.sentence == SEARCHING
        assert [level for level, _ in room.lights] == [HealthLevel.STARTING, HealthLevel.STARTING, HealthLevel.RETRYING]
        assert len(room.snapshots) < 5
        assert room.snapshot.problems == ()
        fake.is_running = True
        await room.until_ready(5)


async def test_where_no_broadcast_gets_through_the_usual_door_is_tried(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.faults.is_silent = True
    async with Room(clock, fake).open() as room:
        await room.until_ready(15)
        assert room.snapshot.instances == ()


async def test_a_port_that_cannot_be_listened_at_does_not_prevent_a_connection(clock: Clock, fake: FakeVTubeStudio) -> None:
    async def refuse(_port: int, _on_broadcast: OnBroadcast) -> Ears:
        msg = "VTube Studio can't be searched for on port 47779."
        raise TemporaryError(msg)

    net = Net(memory_net(fake).connect, refuse)
    async with Room(clock, net=net, host="localhost").open() as room:
        await room.until_ready(5)
        assert [sentence for _, sentence in room.snapshot.problems] == ["VTube Studio can't be searched for on port 47779."]


async def test_with_the_search_off_a_place_by_hand_serves(clock: Clock, fake: FakeVTubeStudio) -> None:
    async def fail(_port: int, _on_broadcast: OnBroadcast) -> Ears:
        raise AssertionError

    net = Net(memory_net(fake).connect, fail)
    async with Room(clock, net=net, host="127.0.0.1", discovery_port=0).open() as room:
        await room.until_ready(5)


async def test_an_api_that_is_off_is_told_and_joined_once_it_is_on(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.api_off()
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.snapshot.state is AvatarState.API_OFF)
        assert room.snapshot.sentence == API_OFF_SENTENCE
        assert room.light == (HealthLevel.NEEDS_YOU, API_OFF_SENTENCE)
        fake.api_on()
        await room.until_ready(5)


async def test_an_api_that_is_off_is_told_of_a_place_by_hand_as_well(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.api_off()
    async with Room(clock, fake, host="127.0.0.1").open() as room:
        await room.until(lambda: room.snapshot.state is AvatarState.API_OFF)
        assert room.snapshot.sentence == API_OFF_SENTENCE
        fake.api_on()
        await room.until_ready(70)


@pytest.mark.parametrize("closes", [True, False])
async def test_an_api_that_is_switched_off_meanwhile_is_told(clock: Clock, fake: FakeVTubeStudio, closes: bool) -> None:
    async with Room(clock, fake, is_face_real=True).open() as room:
        await room.until_ready()
        fake.api_off(closes=closes)
        if not closes:
            with pytest.raises(TemporaryError, match="The line to VTube Studio dropped"):
                await room.perform("play_hotkey", id="Wave")
        await room.until(lambda: room.snapshot.state is AvatarState.API_OFF)
        fake.api_on()
        await room.until_ready(70)
    assert fake.violations == []


async def test_of_several_the_one_at_the_set_port_is_joined(clock: Clock, fake: FakeVTubeStudio) -> None:
    second = FakeVTubeStudio(clock, port=8002, instance_id="f" * 32, title="VTube Studio Window 2")
    second.sign_in.consent = Consent.ALLOWS
    async with Room(clock, fake, second, port=8002).open() as room:
        await room.until_ready()
        assert room.snapshot.connected_to is not None
        assert room.snapshot.connected_to.title == "VTube Studio Window 2"
        assert [each.title for each in room.snapshot.instances] == ["VTube Studio", "VTube Studio Window 2"]


async def test_one_on_another_computer_is_shown_and_not_joined_by_itself(clock: Clock, fake: FakeVTubeStudio) -> None:
    async def connect(_url: str) -> Socket:
        msg = "Nothing is there."
        raise TemporaryError(msg)

    net = Net(connect, memory_net(fake, host="192.168.1.20").listen)
    async with Room(clock, net=net).open() as room:
        await room.until(lambda: room.snapshot.sentence == ELSEWHERE)
        await clock.sleep(30)
        assert [each.host for each in room.snapshot.instances] == ["192.168.1.20"]
        assert room.light == (HealthLevel.NEEDS_YOU, ELSEWHERE)
        room.net = memory_net(fake, host="192.168.1.20")
        await room.perform("connect", host="192.168.1.20", port=8001)
        await room.until_ready()
        assert room.changes == [{"host": "192.168.1.20", "port": 8001}]


async def test_a_lost_line_comes_back_with_everything(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("load_item", file="heart.png")
        await room.perform("tint", r=255, g=200, b=200)
        for round_ in range(1, 4):
            fake.drop_all()
            await room.until(lambda: room.light[0] is HealthLevel.RETRYING)
            assert "was lost" in room.light[1]
            assert room.snapshot.state is AvatarState.CONNECTING
            await room.until(lambda: room.light[0] is HealthLevel.OK, 10)
            assert room.face.runs == round_ + 1
            assert set(fake.sessions[0].subscriptions) == {name for name, _ in SUBSCRIPTIONS}
            assert [each.file for each in fake.items.scene.values()] == ["heart.png"]
            assert {colour for _, colour in fake.stage.tints.values()} == {(255, 200, 200, 255)}
    assert fake.sign_in.popups == fake.sign_in.popups[:1]
    assert fake.items.scene == {}
    assert fake.violations == []


async def test_a_program_that_says_nothing_any_more_is_left_and_found_again(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        session = fake.sessions[0]
        session.subscriptions.clear()
        fake.faults.swallow_next("APIStateRequest", 100)
        await room.until(lambda: room.light[0] is HealthLevel.DEGRADED, 5)
        await room.until(lambda: room.light[0] is HealthLevel.RETRYING, 15)
        assert "said nothing for 15 seconds" in room.light[1]
        fake.faults.clear()
        await room.until_ready(10)


async def test_without_events_the_light_stays_green_by_knocking(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.faults.fail_next("EventSubscriptionRequest", ErrorId.EVENT_UNKNOWN, len(SUBSCRIPTIONS))
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await clock.sleep(300)
        assert room.light[0] in (HealthLevel.OK, HealthLevel.DEGRADED)
        assert fake.connected == 1
        assert any("does not know that event" in sentence for _, sentence in room.snapshot.problems)


async def test_a_model_switch_reaches_the_face(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.perform("tint", r=1, g=2, b=3)
        fake.stage.load(HIYORI)
        await room.until(lambda: room.snapshot.model_name == "Hiyori", 2)
        assert [model.id for model in room.face.models] == [AKARI, "", HIYORI]
        assert {colour for _, colour in fake.stage.tints.values()} == {(1, 2, 3, 255)}
        fake.stage.load("")
        await room.until(lambda: room.snapshot.model_id == "" and room.light[1].endswith("no model is loaded."), 3)
        assert room.snapshot.notes == ("No model is loaded in VTube Studio: load one, and she moves it.",)
        fake.stage.load(WORDLESS)
        await room.until(lambda: room.snapshot.model_name == "Wordless", 2)
        assert any("no parameter for an open mouth" in note for note in room.snapshot.notes)


async def test_only_what_can_be_moved_makes_another_model_of_it(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        fake.hotkeys.press("Smile")
        await room.until(lambda: any(each.is_active for each in room.snapshot.expressions), 2)
        assert len(room.face.models) == 1
        assert fake.model is not None
        del fake.model.hotkeys[0]
        fake.stage.change_config()
        await room.until(lambda: len(room.face.models) == 2, 2)
        await room.until(lambda: "Smile" not in [each.name for each in room.snapshot.hotkeys], 2)


async def test_settings_are_taken_live_but_for_the_place(clock: Clock, fake: FakeVTubeStudio) -> None:
    service = Room(clock, fake).service
    settings = service.settings
    assert service.apply(settings.model_copy(update={"mouth_gain": 2.0}))
    assert service.settings.mouth_gain == 2.0
    for change in ({"host": "10.0.0.2"}, {"port": 8002}, {"discovery_port": 0}, {"is_enabled": False}):
        assert not service.apply(settings.model_copy(update=change))


async def test_switched_off_it_does_nothing(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, is_enabled=False).open() as room:
        await clock.sleep(60)
        assert fake.connected == 0
        assert room.light[0] is HealthLevel.OFF


async def test_it_is_announced_a_few_times_a_second_at_most(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        for _ in range(200):
            fake.stage.click(mesh="HairFront1")
            fake.stage.track(is_found=True)
            fake.stage.track(is_found=False)
            await clock.sleep(0.05)
        times = [at for at, _ in room.snapshots if at > 3]
        assert all(sum(start <= at < start + 1 for at in times) <= 5 for start in range(3, int(clock.monotonic())))


async def test_what_one_line_counted_is_not_forgotten_by_the_next(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        before = dict(room.snapshot.counters)["sent"]
        fake.drop_all()
        await room.until(lambda: fake.connected == 2 and room.light[0] is HealthLevel.OK)
        await clock.sleep(1)
        counters = dict(room.snapshot.counters)
        assert counters["sent"] > before
        assert counters["connections"] == 2


async def test_a_mistake_of_the_face_is_not_hidden(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        room.face.error = KeyError("a mistake")
        await room.until(lambda: room.light[0] is HealthLevel.FAILED, 10)
    assert fake.sessions == []


async def test_an_error_of_theirs_that_the_face_does_not_know_is_tried_again(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake).open() as room:
        room.face.error = ApiError("VTube Studio had an error of its own.", 0)
        await room.until(lambda: room.light == (HealthLevel.RETRYING, "VTube Studio had an error of its own."), 10)
        room.face.error = None
        await room.until_ready(10)


async def test_a_program_that_never_answers_is_told_and_found_again(clock: Clock, fake: FakeVTubeStudio) -> None:
    fake.faults.swallow_next("APIStateRequest")
    async with Room(clock, fake).open() as room:
        await room.until(lambda: room.light == (HealthLevel.RETRYING, STRANGER.format(place="127.0.0.1:8001")), 30)
        await room.until_ready(30)


async def test_what_is_not_told_of_a_model_is_done_without(clock: Clock, fake: FakeVTubeStudio) -> None:
    for kind in ("ExpressionStateRequest", "InputParameterListRequest", "Live2DParameterListRequest"):
        fake.faults.swallow_next(kind)
    fake.faults.fail_next("HotkeysInCurrentModelRequest", ErrorId.TYPE_UNKNOWN)
    fake.faults.fail_next("ParameterCreationRequest", ErrorId.PARAMETER_OF_OTHER)
    async with Room(clock, fake).open() as room:
        await room.until_ready(30)
        assert room.snapshot.model_name == "Akari"
        assert (room.snapshot.hotkeys, room.snapshot.expressions, room.snapshot.parameters) == ((), (), ())
        assert any("VoxelleMouthOpen could not be created. Another plugin" in sentence for _, sentence in room.snapshot.problems)
        fake.stage.change_config()
        await room.until(lambda: bool(room.snapshot.hotkeys and room.snapshot.parameters), 5)
        before = room.snapshot.hotkeys
        fake.faults.fail_next("HotkeysInCurrentModelRequest", ErrorId.INTERNAL)
        fake.stage.change_config()
        await clock.sleep(3)
        assert room.snapshot.hotkeys == before


async def test_a_model_that_changes_while_it_is_read_is_read_again(clock: Clock, fake: FakeVTubeStudio) -> None:
    def switch(request: Logged) -> None:
        if request.kind == "HotkeysInCurrentModelRequest":
            fake.watchers.clear()
            fake.stage.load(HIYORI)

    fake.watchers.append(switch)
    async with Room(clock, fake).open() as room:
        await room.until_ready()
        await room.until(lambda: room.snapshot.model_name == "Hiyori", 3)
        assert [each.name for each in room.snapshot.hotkeys] == ["happy", "sad", "dance"]


async def test_a_touch_that_nobody_takes_is_no_harm(clock: Clock, fake: FakeVTubeStudio) -> None:
    room = Room(clock, fake)

    async def refuse(_event: ChannelEvent) -> None:
        msg = "The conversation can't be saved."
        raise TemporaryError(msg)

    object.__setattr__(room.ports, "tell", refuse)
    async with room.open():
        await room.until_ready()
        fake.stage.click()
        await clock.sleep(1)
        assert room.light[0] is HealthLevel.OK


async def test_the_true_face_runs_on_the_line_and_leaves_it_neutral(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, is_face_real=True).open() as room:
        await room.until_ready()
        await room.perform("play_deed", deed={"kind": "expression", "target": "Love.exp3.json"})
        await room.until(lambda: "Love.exp3.json" in fake.face().expressions, 2)
        fake.drop_all()
        await room.until(lambda: room.service.session is None)
        await room.until_ready()
        await clock.sleep(10)
    await clock.sleep(2)
    assert fake.face().is_neutral
    assert fake.violations == []


async def test_every_message_of_a_lively_evening_fits_the_types_of_an_independent_client(clock: Clock, fake: FakeVTubeStudio) -> None:
    async with Room(clock, fake, is_face_real=True).open() as room:
        await room.until_ready()
        await room.perform("play_hotkey", id="Wave")
        await room.perform("set_expression", file="Smile.exp3.json")
        await room.perform("play_deed", deed={"kind": "pose", "pose": [{"parameter": "MouthSmile", "value": 1.0}]})
        await room.perform("go_to_preset", name="React")
        await room.perform("save_preset", name="Here")
        await room.perform("tint", r=10)
        await room.perform("load_item", file="heart.png")
        await room.perform("unload_items")
        await room.perform("load_item", file="heart.png")
        await room.perform("test_event")
        fake.stage.load(HIYORI)
        await clock.sleep(1)
        fake.drop_all()
        await room.until(lambda: room.service.session is None)
        await room.until_ready()
        await room.perform("forget")
        await clock.sleep(1)
        await room.perform("allow")
        await room.until_ready()
    kinds = {each.kind for each in fake.requests}
    assert len(kinds) >= 17, kinds
    assert check(each.raw for each in fake.requests) == []


async def test_a_face_that_hangs_at_the_end_is_not_waited_for_long(clock: Clock, fake: FakeVTubeStudio) -> None:
    room = Room(clock, fake)
    async with room.open():
        await room.until_ready()
        fake.faults.swallow_next("InjectParameterDataRequest")
        began = clock.monotonic()
    assert clock.monotonic() - began < 3
    assert room.face.ended_with == ["VTube Studio did not answer in time."]
