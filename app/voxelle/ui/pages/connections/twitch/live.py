"""What is on air, and whether anything comes over the line."""

from __future__ import annotations

from voxelle.ui.models.channel import ChannelModel
from voxelle.ui.models.times import ago, lasting
from voxelle.ui.pages.connections.twitch.wording import counter_title
from voxelle.ui.pages.controls import icon_only, row
from voxelle.ui.text import isolated, one_line
from voxelle.ui.theme import TextRole
from voxelle.ui.widgets.card import Card
from voxelle.ui.widgets.facts import Facts
from voxelle.ui.widgets.labels import label
from voxelle.ui.widgets.status_chip import StatusChip


class OnAirCard(Card):
    """The stream as Twitch sees it."""

    def __init__(self, channel: ChannelModel) -> None:
        super().__init__()
        self._channel = channel
        self.set_title(self.tr("On air"))
        self.chip = StatusChip()
        self.title = label(role=TextRole.STRONG, wraps=True)
        self.facts = Facts()
        self.refresh_button = icon_only("refresh", self.tr("Ask Twitch again"), "quiet")
        self.refresh_button.clicked.connect(channel.refresh)
        self.body.addLayout(row(self.chip, None, self.refresh_button))
        self.body.addWidget(self.title)
        self.body.addWidget(self.facts)
        self.body.addStretch(1)
        channel.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Take over what the model knows now."""
        air = self._channel.snapshot.broadcast
        if air.checked_at is None:
            self.chip.show_state(self.tr("Not known yet"), "muted")
        elif air.is_live:
            self.chip.show_state(self.tr("Live"), "ok")
        else:
            self.chip.show_state(self.tr("Offline"), "muted")
        title = one_line(air.title, 200)
        self.title.setText(isolated(title) if title else "")
        self.title.setVisible(bool(title))
        self.refresh_button.setEnabled(self._channel.card.is_on)
        self.tick()

    def tick(self) -> None:
        """Let the times go on."""
        air, now = self._channel.snapshot.broadcast, self._channel.now()
        self.facts.show_pairs(
            (
                (self.tr("Category"), one_line(air.category, 100)),
                (self.tr("Viewers"), f"{air.viewers:,}" if air.is_live else ""),
                (self.tr("On air for"), lasting(air.started_at, now) if air.is_live else ""),
                (self.tr("Asked"), "" if air.checked_at is None else ago(air.checked_at, now)),
            )
        )


class LineCard(Card):
    """Whether the line is alive: a light alone would not tell."""

    def __init__(self, channel: ChannelModel) -> None:
        super().__init__()
        self._channel = channel
        self.set_title(self.tr("The line"))
        self.facts = Facts()
        self.problem = label(role=TextRole.SMALL, tone="warning", wraps=True)
        self.body.addWidget(self.facts)
        self.body.addWidget(self.problem)
        self.body.addStretch(1)
        channel.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Take over what the model knows now."""
        problem = one_line(self._channel.snapshot.last_problem)
        self.problem.setText(self.tr("Last problem: {sentence}").format(sentence=problem) if problem else "")
        self.problem.setVisible(bool(problem))
        self.tick()

    def tick(self) -> None:
        """Let the times go on."""
        snapshot, now = self._channel.snapshot, self._channel.now()
        times = (
            (self.tr("Last event"), ago(snapshot.last_event_at, now)),
            (self.tr("Heartbeat"), ago(snapshot.last_heartbeat_at, now)),
            (self.tr("Connected"), lasting(snapshot.connected_at, now) or self.tr("no")),
        )
        # What never happened needs no line of its own; that nothing came at all is worth one.
        counts = ((counter_title(name), f"{count:,}" if count or name == "received" else "") for name, count in snapshot.counters)
        self.facts.show_pairs((*times, *counts))
