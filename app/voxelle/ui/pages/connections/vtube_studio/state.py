"""Where the connection stands and what to do about it; and whether the line is really alive."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from voxelle.domain.avatar import AvatarInstance, AvatarState
from voxelle.ui.models.avatar import AvatarModel
from voxelle.ui.models.times import ago
from voxelle.ui.pages.connections.vtube_studio.outcome import Outcome
from voxelle.ui.pages.connections.vtube_studio.wording import state_look, state_sentence
from voxelle.ui.pages.controls import clear_layout, column, row
from voxelle.ui.text import isolated, one_line
from voxelle.ui.theme import Space, TextRole
from voxelle.ui.widgets.buttons import IconButton
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.facts import Facts
from voxelle.ui.widgets.labels import ElidedLabel, label
from voxelle.ui.widgets.status_chip import StatusChip

_NAME_LIMIT = 80
_PROBLEMS = 5
_CHOSEN = {AvatarState.CONNECTING, AvatarState.WAITING_FOR_CONSENT, AvatarState.REFUSED}


def place_text(instance: AvatarInstance) -> str:
    """Return where an instance runs, harmless to show."""
    return f"{one_line(instance.host, _NAME_LIMIT)}:{instance.port}"


class StateCard(Card):
    """The state with its sentence, the way on, and the instances that were found."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self._found: tuple[Any, ...] | None = None
        self._state: AvatarState | None = None
        self.set_title(self.tr("Connection"))
        self.chip = StatusChip()
        self.sentence = label(wraps=True)
        self.outcome = Outcome()
        self.on_button = IconButton("play", self.tr("Switch it on"), "primary")
        self.on_button.clicked.connect(avatar.switch_on)
        self.ask_button = IconButton("key", self.tr("Ask VTube Studio for permission"), "primary")
        self.ask_button.clicked.connect(self._on_ask)
        self.search_button = IconButton("search", self.tr("Search again"))
        self.search_button.clicked.connect(lambda: self._perform("search"))
        self._instances = QWidget()
        self._lines = column(self._instances, spacing=Space.XS)
        self.connect_buttons: list[IconButton] = []
        self.body.addLayout(row(self.chip, None))
        self.body.addWidget(self.sentence)
        self.body.addLayout(row(self.on_button, self.ask_button, self.search_button, None))
        self.body.addWidget(self.outcome.label)
        self.body.addWidget(self._instances)
        self.body.addStretch(1)
        avatar.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        snapshot, is_on = self._avatar.snapshot, self._avatar.card.is_on
        word, tone = state_look(snapshot.state) if is_on else (self.tr("Off"), "muted")
        self.chip.show_state(word, tone)
        if snapshot.state is not self._state:
            self._state = snapshot.state
            self.outcome.say("")  # it was about another state
        said = one_line(snapshot.sentence) or state_sentence(snapshot.state)
        self.sentence.setText(said if is_on else self.tr("Switched off: her model is left alone."))
        self.on_button.setVisible(not is_on)
        self.ask_button.setVisible(is_on and snapshot.state is AvatarState.REFUSED)
        self.search_button.setVisible(is_on and snapshot.state in {AvatarState.SEARCHING, AvatarState.API_OFF, AvatarState.CONNECTING})
        found = (snapshot.instances, snapshot.connected_to, self._is_joining)
        if found != self._found:
            self._found = found
            self._build_instances()

    @property
    def _is_joining(self) -> bool:
        """Whether the only one that was found is meant already: then there is nothing to choose."""
        snapshot = self._avatar.snapshot
        return len(snapshot.instances) == 1 and snapshot.state in _CHOSEN

    def _build_instances(self) -> None:
        clear_layout(self._lines)
        self.connect_buttons = []
        snapshot = self._avatar.snapshot
        for instance in snapshot.instances:
            line = QWidget()
            layout = QHBoxLayout(line)
            layout.setContentsMargins(0, 0, 0, 0)
            title = one_line(instance.title, _NAME_LIMIT) or self.tr("VTube Studio")
            layout.addWidget(ElidedLabel(f"{isolated(title)} · {place_text(instance)}"), 1)
            there = snapshot.connected_to
            if there is not None and (there.host, there.port) == (instance.host, instance.port):
                layout.addWidget(StatusChip(self.tr("This one"), "ok"))
            elif not instance.is_api_on:
                layout.addWidget(StatusChip(self.tr("API is off"), "warning"))
            elif not self._is_joining:
                button = IconButton("link", self.tr("Connect"))
                button.setAccessibleDescription(place_text(instance))
                button.clicked.connect(partial(self._perform, "connect", {"host": instance.host, "port": instance.port}))
                self.connect_buttons.append(button)
                layout.addWidget(button)
            self._lines.addWidget(line)
        self._instances.setVisible(bool(snapshot.instances))

    def _on_ask(self) -> None:
        self.outcome.say("")
        self._avatar.perform("allow", {}, self._on_asked, self.outcome.refuse)

    def _on_asked(self, answer: Any) -> None:
        self.outcome.say(str(answer or ""), "info")

    def _perform(self, action: str, arguments: dict[str, Any] | None = None, *_checked: bool) -> None:
        self.outcome.say("")
        self._avatar.perform(action, arguments, None, self.outcome.refuse)


class TruthCard(Card):
    """When VTube Studio was heard last, a test there and back, and what does not fit."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self.set_title(self.tr("The line"))
        self.facts = Facts()
        self.outcome = Outcome()
        self.test_button = IconButton("refresh", self.tr("Test"))
        self.test_button.setAccessibleDescription(self.tr("Sends something to VTube Studio that it must send back"))
        self.test_button.clicked.connect(self._on_test)
        self.notes = label(role=TextRole.SMALL, tone="warning", wraps=True)
        self.body.addWidget(self.facts)
        self.body.addLayout(row(self.test_button, None))
        for each in (self.outcome.label, self.notes):
            self.body.addWidget(each)
        self.body.addStretch(1)
        avatar.changed.connect(self._show)
        self._show()

    def tick(self) -> None:
        """Let the times go on."""
        snapshot = self._avatar.snapshot
        there = snapshot.connected_to
        self.facts.show_pairs(
            (
                (self.tr("Checked"), ago(snapshot.last_heartbeat_at, self._avatar.now())),
                (self.tr("Model"), isolated(one_line(snapshot.model_name, _NAME_LIMIT)) if snapshot.model_name else ""),
                (self.tr("Program"), one_line(snapshot.program_version, _NAME_LIMIT)),
                (self.tr("Place"), "" if there is None else place_text(there)),
                (self.tr("Permission"), "" if snapshot.is_token_kept else self.tr("for this session only: no keyring could keep it")),
                (self.tr("Counted"), " · ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in snapshot.counters)),
            )
        )

    def _show(self) -> None:
        snapshot = self._avatar.snapshot
        self.test_button.setEnabled(self._avatar.is_ready)
        if not self._avatar.is_ready:
            self.outcome.say("")
        self.notes.setText("\n".join(one_line(each) for each in snapshot.notes))
        self.notes.setVisible(bool(snapshot.notes))
        self.tick()

    def _on_test(self) -> None:
        self.outcome.say(self.tr("Sent …"), "muted")
        self._avatar.perform("test_event", {}, self._on_tested, self.outcome.refuse)

    def _on_tested(self, answer: Any) -> None:
        words = self.tr("Answered within {answer:.0f} ms; what was sent came back as an event after {event:.0f} ms.")
        self.outcome.say(words.format(answer=answer["answer_s"] * 1000, event=answer["round_trip_s"] * 1000))


class ProblemsCard(Card):
    """The last errors in words, the newest on top."""

    def __init__(self, avatar: AvatarModel) -> None:
        super().__init__()
        self._avatar = avatar
        self.set_title(self.tr("Last errors"))
        self.problems = label(role=TextRole.SMALL, tone="muted", wraps=True)
        self.body.addWidget(self.problems)
        self.body.addStretch(1)
        avatar.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        problems = self._avatar.snapshot.problems[-_PROBLEMS:]
        last = [f"{at.astimezone():%H:%M:%S}  {one_line(said)}" for at, said in reversed(problems)]
        self.problems.setText("\n".join(last) or self.tr("None so far."))
