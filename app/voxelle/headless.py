"""Composition root of the show: everything but the window, on one asyncio loop. Used by the window too."""

from __future__ import annotations

import asyncio
import io
import random
import secrets as entropy
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from voxelle.companion import connection_commands
from voxelle.companion.commands import perform
from voxelle.companion.companion import Companion, CompanionPorts
from voxelle.companion.hearing.ports import EarPorts
from voxelle.companion.mouth import VowelReader
from voxelle.companion.safety import read_words
from voxelle.connections import ConnectionPorts, Connections, RehearsalPlayer
from voxelle.contracts.audio import AudioOutput, SoundDesk
from voxelle.contracts.integration import ConnectionDesk
from voxelle.contracts.speaker import VoicePrintStore
from voxelle.domain.chat import StimulusKind
from voxelle.domain.errors import InputError, SetupError, VoxelleError
from voxelle.domain.events import NoticeLevel, NoticeRaised, SettingsChanged, ShowChanged, TurnEnded
from voxelle.domain.persona import Character
from voxelle.integrations import discover
from voxelle.kernel import log as logs
from voxelle.kernel.bus import Bus
from voxelle.kernel.clock import Clock, Ids, Randomness, SystemClock
from voxelle.kernel.control import ControlServer
from voxelle.kernel.instance import InstanceLock
from voxelle.kernel.packs import open_packs
from voxelle.kernel.paths import Paths, resource
from voxelle.kernel.supervisor import Supervisor
from voxelle.kernel.tasks import TaskScope
from voxelle.providers.catalogue import Catalogue, CataloguePorts, EngineSet
from voxelle.settings.file import SettingsFile
from voxelle.settings.samples import load_samples
from voxelle.settings.secrets import Secrets
from voxelle.settings.service import SettingsService
from voxelle.storage.database import Database
from voxelle.storage.voice_print import VoicePrintFile

log = structlog.get_logger("app")

TERMINAL_ENGINES = EngineSet.SETTINGS
"""Engines of a conversation in the terminal."""


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """How a show differs from what the settings say."""

    engine_set: EngineSet = EngineSet.SETTINGS
    wav: Path | None = None
    """Her voice goes into this file instead of the sound device."""
    speed: float = 1.0
    """Pace of the WAV file's clock; 0 is as fast as possible."""
    is_greeting: bool | None = None
    """None: as the settings say."""
    has_control: bool = True
    """Take the instance lock and open the control socket."""
    has_connections: bool = True
    """Start the integrations that the settings switch on."""


@dataclass(frozen=True, slots=True)
class Show:
    """A show that is open: its parts, all of the show loop."""

    paths: Paths
    bus: Bus
    clock: Clock
    ids: Ids
    randomness: Randomness
    settings: SettingsService
    secrets: Secrets
    companion: Companion
    engines: Catalogue
    database: Database
    supervisor: Supervisor
    connections: ConnectionDesk
    rehearsal: RehearsalPlayer
    sound: SoundDesk | None
    """None where her voice goes into a file."""
    log_tail: logs.LogTail
    notices: list[str]
    """What was wrong at the start: for the first face that looks."""
    verbs: dict[str, Callable[[], None]]
    """Further verbs of the control socket, filled in by the window: `show`, `quit`."""


@asynccontextmanager
async def open_show(paths: Paths, options: ShowOptions | None = None) -> AsyncIterator[Show]:
    """Open everything in order and close it in reverse. Raises SetupError with a sentence when it can't."""
    options = options or ShowOptions()
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(paths.create)
        if options.has_control:
            lock = InstanceLock()
            if not lock.acquire(paths.lock_file):
                msg = "Voxelle is running already with this data folder. Close it first, or choose another folder with --data-dir."
                raise SetupError(msg)
            stack.callback(lock.release)
        clock, bus = SystemClock(), Bus()
        randomness = random.Random(entropy.randbits(64))
        ids = Ids(randomness, clock)
        parts = {declaration.id: declaration.settings_type for declaration in discover().values()}
        settings = SettingsService(SettingsFile(paths.settings_file), bus, clock, parts=parts)
        log_tail = logs.configure(settings.current.logs.level, paths.log_file, to_stderr=False)
        stack.callback(logs.close)
        asyncio.get_running_loop().set_exception_handler(_on_bug)
        notices: list[str] = list(settings.notices)
        secrets = Secrets()
        samples = load_samples(resource("characters"))
        database = await _open_database(paths, settings, secrets, clock, samples, lambda sentence: _notice(bus, sentence))
        stack.push_async_callback(database.close)
        notices += database.notices
        settings.use_history(database.settings_history)
        cast: dict[str, Character | None] = {"on_stage": None}
        ports = CataloguePorts(
            settings=lambda: settings.current,
            key_of=lambda name: lambda: _key(secrets, name),
            lines=lambda: cast["on_stage"].prepared_lines if cast["on_stage"] else (),
            packs=open_packs(paths),
            emotion_head=resource("emotion", "head.npz"),
            bus=bus,
            clock=clock,
            randomness=randomness,
        )
        engines = Catalogue(ports, options.engine_set)
        stack.push_async_callback(engines.close)
        output = _output(paths, options, settings, clock, randomness)
        ears = _ears(output, engines, settings, clock, VoicePrintFile(paths.data))
        companion = Companion(
            CompanionPorts(
                engines.model,
                engines.voice,
                engines.classifier,
                output,
                database.conversations,
                database.channel_events,
                database.characters,
                settings,
                read_words(resource("safety", "words.rot13")),
                bus,
                clock,
                ids,
                VowelReader.load(resource("mouth", "vowels.npz")),
                options.is_greeting,
                ears,
            )
        )
        stack.push_async_callback(companion.close)
        errands = await stack.enter_async_context(TaskScope("engines"))
        supervisor = Supervisor(bus, clock, randomness)
        supervisor.add(companion)
        if companion.ears is not None:
            supervisor.add(companion.ears)
        connections = Connections(ConnectionPorts(companion, supervisor, settings, secrets, bus, clock, ids, randomness))
        stack.push_async_callback(connections.close)
        rehearsal = RehearsalPlayer(connections, settings, supervisor)
        show = Show(
            paths,
            bus,
            clock,
            ids,
            randomness,
            settings,
            secrets,
            companion,
            engines,
            database,
            supervisor,
            connections,
            rehearsal,
            _desk(output, ears),
            log_tail,
            notices,
            {},
        )
        if options.has_control:
            supervisor.add(ControlServer(paths.control_socket, lambda verb, arguments: _perform(show, verb, arguments)))
        _follow(show, errands, cast)
        if options.has_connections:
            await connections.apply()
        yield show


async def _open_database(
    paths: Paths,
    settings: SettingsService,
    secrets: Secrets,
    clock: Clock,
    samples: tuple[Character, ...],
    on_notice: Callable[[str], None],
) -> Database:
    address = settings.current.storage.database_url
    password = await secrets.get("database") if address else None

    def open_it() -> Database:
        return Database.open(address or paths.database_file, clock=clock, samples=samples, on_notice=on_notice, password=password)

    return await asyncio.to_thread(open_it)


def _on_bug(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Write down what nobody caught on the show loop."""
    log.error("loop.bug", what=str(context.get("message", "")), exc_info=context.get("exception"))


async def _key(secrets: Secrets, name: str) -> str:
    return await secrets.get(name) or ""


def _output(paths: Paths, options: ShowOptions, settings: SettingsService, clock: Clock, randomness: Randomness) -> AudioOutput:
    if options.wav is not None:
        from voxelle.audio.wav_file import WavOutput

        return WavOutput(options.wav, clock=clock, speed=options.speed)
    from voxelle.audio.output import SoundOutput

    voice = settings.current.voice
    return SoundOutput(paths, voice.output_device, clock=clock, randomness=randomness, further=voice.further_outputs)


def _ears(output: AudioOutput, engines: Catalogue, settings: SettingsService, clock: Clock, prints: VoicePrintStore) -> EarPorts | None:
    """She hears through the process that plays her voice, which so knows what of it to take out; without one she does not."""
    from voxelle.audio.output import SoundOutput

    if not isinstance(output, SoundOutput):
        return None
    from voxelle.audio.input import MicrophoneInput

    microphone = MicrophoneInput(output.process, lambda: settings.current.hearing, clock)
    return EarPorts(microphone, engines.activity, engines.end_of_turn, engines.recognizer, engines.speaker, prints)


def _desk(output: AudioOutput, ears: EarPorts | None) -> SoundDesk | None:
    from voxelle.audio.input import MicrophoneInput
    from voxelle.audio.output import SoundOutput

    if not isinstance(output, SoundOutput) or ears is None or not isinstance(ears.microphone, MicrophoneInput):
        return None
    from voxelle.audio.desk import ProcessDesk

    return ProcessDesk(output, ears.microphone)


def _notice(bus: Bus, sentence: str) -> None:
    bus.announce(NoticeRaised(NoticeLevel.WARNING, sentence))


async def _perform(show: Show, verb: str, arguments: dict[str, Any]) -> Any:
    """Perform a verb of the control socket: the companion's own, a connection's, or one that the window brought."""
    if verb in show.verbs:
        show.verbs[verb]()
        return None
    if verb in connection_commands.VERBS:
        return await connection_commands.perform(show.connections, verb, arguments)
    return await perform(show.companion, verb, arguments)


def _follow(show: Show, errands: TaskScope, cast: dict[str, Character | None]) -> None:
    """Let the engines follow what happens: who is on stage, which settings changed."""

    def on_show(event: ShowChanged) -> None:
        cast["on_stage"] = event.show.character

    def on_settings(event: SettingsChanged) -> None:
        if Catalogue.needs_reload(event):
            errands.start(_reload(show), name="reload model")
        if Catalogue.touches_hearing(event):
            errands.start(_apply_hearing(show), name="hearing")

    show.bus.subscribe(ShowChanged, on_show)
    show.bus.subscribe(SettingsChanged, on_settings)


async def _load(show: Show) -> None:
    """Load the voice first, then the feelings: she greets while the model still warms up."""
    wanted = [show.engines.voice.serving, show.engines.classifier.id if show.engines.classifier else ""]
    for engine_id in wanted:
        if engine_id in {status.id for status in show.engines.room.statuses()}:
            try:
                await show.engines.room.load(engine_id)
            except VoxelleError as error:
                _notice(show.bus, error.sentence)
    await _apply_hearing(show)


async def _apply_hearing(show: Show) -> None:
    """Load the engines that hear, if she listens. What fails is told by her ears, who need them."""
    try:
        await show.engines.apply_hearing()
    except VoxelleError as error:
        log.warning("hearing.not_loaded", error_kind=type(error).__name__)


async def _reload(show: Show) -> None:
    try:
        if await show.engines.reload_embedded():
            await show.companion.warm()
    except VoxelleError as error:
        _notice(show.bus, error.sentence)


async def run_show(show: Show) -> None:
    """Load the engines and run all services, until cancelled."""
    async with TaskScope("engines") as scope:
        scope.start(_load(show), name="load engines")
        await show.supervisor.run()


async def converse(paths: Paths) -> int:
    """Run the companion in a terminal: type to her, read her answers, hear them in the WAV file. Returns the exit code."""
    wav = paths.data / "recordings" / f"voxelle-{SystemClock().now():%Y%m%d-%H%M%S}.wav"
    async with open_show(paths, ShowOptions(TERMINAL_ENGINES, wav)) as show, TaskScope("terminal") as scope:
        terminal = Terminal(show)
        for sentence in show.notices:
            write(f"({sentence})\n")
        running = scope.start(run_show(show), name="show")
        await show.companion.settle_in()
        write(f"{show.companion.output.sentence if show.companion.output.is_silent else f'Her voice goes to {wav}'}\n")
        typing = scope.start(terminal.run(), name="typing")
        await asyncio.wait({running, typing}, return_when=asyncio.FIRST_COMPLETED)
    return 0


class Terminal:
    """Prints the conversation and takes typed lines."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        show.bus.subscribe(TurnEnded, self._on_turn)
        show.bus.subscribe(NoticeRaised, lambda event: write(f"({event.sentence})\n"))

    async def run(self) -> None:
        """Take lines until the input ends; an input that never held a line (a service) lets the show go on."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="typing", daemon=True).start()
        has_typed = False
        while (line := await self._lines.get()) is not None:
            if line.strip():
                has_typed = True
                try:
                    await self._show.companion.tell(line)
                except InputError as error:
                    write(f"({error.sentence})\n")
        if not has_typed:
            await asyncio.Event().wait()
        await self._show.companion.settle()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for line in typed_lines():
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)
        except RuntimeError:
            log.info("terminal.closed")  # the show ended while somebody was typing

    def _on_turn(self, event: TurnEnded) -> None:
        character = self._show.companion.snapshot().character
        name = character.name if character else "She"
        record = event.record
        for stimulus in record.stimuli[:1]:
            if stimulus.text and record.prompt_line and stimulus.kind is not StimulusKind.GREETING:
                write(f"{stimulus.author.name}: {stimulus.text}\n")
        write(f"{name}: {record.heard_text}{' —' if record.was_cut else ''}\n")


def typed_lines() -> Iterator[str]:
    """Read standard input; bytes that are no text become marks instead of an error."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    yield from sys.stdin


def write(text: str) -> None:
    """Print for whoever reads the terminal, at once."""
    sys.stdout.write(text)
    sys.stdout.flush()
