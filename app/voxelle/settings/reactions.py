"""How she reacts to each kind of event."""

from __future__ import annotations

from pydantic import Field

from voxelle.domain.chat import StreamEvent
from voxelle.settings.part import SettingsPart
from voxelle.settings.reaction import Reaction


class ReactionsSettings(SettingsPart):
    """A reaction for every kind of event."""

    follow: Reaction = Field(
        Reaction(
            template="{name} follows the channel now. Welcome them in a few words.",
            template_many="{count} people follow the channel now, among them {names}. Welcome them all in one line.",
            cooldown_s=20,
            merge_s=6,
            priority=-20,
        ),
        title="Follow",
        description="Somebody follows.",
    )
    subscription: Reaction = Field(
        Reaction(
            template="{name} subscribes (tier {tier}). Thank them.",
            template_many="{count} people subscribe, among them {names}. Thank them all in one line.",
            merge_s=4,
            priority=20,
            is_guaranteed=True,
        ),
        title="Subscription",
        description="Somebody subscribes for the first time.",
    )
    resubscription: Reaction = Field(
        Reaction(
            template="{name} has been subscribed for {amount} months. Thank them. They say: {message}",
            template_many="{count} people renew their subscriptions, among them {names}. Thank them all in one line.",
            merge_s=4,
            priority=20,
            is_guaranteed=True,
        ),
        title="Resubscription",
        description="Somebody subscribes again and says so.",
    )
    gift: Reaction = Field(
        Reaction(
            template="{name} gives {amount} subscriptions to the community. Thank them by name and say the number.",
            template_many="{names} give {total} subscriptions to the community. Thank them by name and say the number.",
            threshold=1,
            merge_s=8,
            priority=22,
            is_guaranteed=True,
        ),
        title="Gifted subscriptions",
        description="Somebody gives subscriptions to others.",
    )
    subscription_end: Reaction = Field(
        Reaction(is_on=False, template="The subscription of {name} ends.", cooldown_s=60, priority=-30),
        title="End of a subscription",
        description="A subscription ends.",
    )
    bits: Reaction = Field(
        Reaction(
            template="{name} cheers {amount} bits. Thank them. They say: {message}",
            template_many="{names} cheer {total} bits. Thank them all in one line.",
            threshold=1,
            merge_s=4,
            priority=15,
            is_guaranteed=True,
        ),
        title="Bits",
        description="Somebody cheers.",
    )
    power_up: Reaction = Field(
        Reaction(
            template="{name} uses a power-up ({reward}, {amount} bits). React to it. They say: {message}",
            template_many="{names} use power-ups. Thank them all in one line.",
            merge_s=4,
            priority=15,
            is_guaranteed=True,
        ),
        title="Power-up",
        description="Somebody uses a power-up.",
    )
    raid: Reaction = Field(
        Reaction(
            template="{name} raids the stream with {amount} viewers! Welcome {name} and all of them.",
            template_many="{names} raid the stream with {total} viewers in all! Welcome them all.",
            threshold=1,
            merge_s=3,
            priority=30,
            is_guaranteed=True,
        ),
        title="Raid",
        description="Another channel comes over.",
    )
    raid_out: Reaction = Field(
        Reaction(template="You send all viewers over to {target}. Say goodbye.", priority=10, is_guaranteed=True),
        title="Raid to somebody",
        description="Your viewers go on to another channel.",
    )
    redemption: Reaction = Field(
        Reaction(
            template="{name} redeems “{reward}”. Do or say what fits. They say: {message}",
            template_many="{count} people redeem “{reward}”, among them {names}. React to all of them in one line.",
            merge_s=2,
            priority=15,
            is_guaranteed=True,
        ),
        title="Channel points",
        description="Somebody redeems one of your rewards.",
    )
    redemption_update: Reaction = Field(
        Reaction(is_on=False, template="The redemption “{reward}” of {name} is {status}.", cooldown_s=30, priority=-30),
        title="Redemption settled",
        description="A redemption was fulfilled or refunded.",
    )
    automatic_redemption: Reaction = Field(
        Reaction(is_on=False, template="{name} redeems {reward}. They say: {message}", cooldown_s=10, priority=5, is_guaranteed=True),
        title="Built-in reward",
        description="Somebody redeems one of Twitch's own rewards.",
    )
    watch_streak: Reaction = Field(
        Reaction(
            template="{name} has watched {amount} streams in a row. Praise them.",
            template_many="{count} people share their watch streaks, among them {names}. Praise them all in one line.",
            threshold=3,
            cooldown_s=30,
            merge_s=6,
        ),
        title="Watch streak",
        description="Somebody shares how many streams in a row they watched.",
    )
    announcement: Reaction = Field(
        Reaction(is_on=False, template="{name} announces: {message}", cooldown_s=30, priority=-10),
        title="Announcement",
        description="A moderator announces something.",
    )
    chat_notice: Reaction = Field(
        Reaction(is_on=False, template="{message}", cooldown_s=30, priority=-20),
        title="Other notices",
        description="Anything else that Twitch says in the chat.",
    )
    shoutout_sent: Reaction = Field(
        Reaction(is_on=False, template="The channel gives a shout-out to {target}. Recommend them in a few words.", cooldown_s=30),
        title="Shout-out sent",
        description="Your channel recommends somebody.",
    )
    shoutout_received: Reaction = Field(
        Reaction(
            template="{name} recommends this channel to {amount} viewers. Thank them.",
            template_many="{names} recommend this channel. Thank them all in one line.",
            cooldown_s=30,
            merge_s=6,
            priority=5,
        ),
        title="Shout-out received",
        description="Another channel recommends yours.",
    )
    charity_donation: Reaction = Field(
        Reaction(
            template="{name} donates {value} to {charity}. Thank them.",
            template_many="{count} people donate to {charity}, among them {names}. Thank them all in one line.",
            merge_s=4,
            priority=20,
            is_guaranteed=True,
        ),
        title="Donation",
        description="Somebody donates to the charity.",
    )
    charity_begin: Reaction = Field(
        Reaction(is_on=False, template="The charity campaign for {charity} begins. Tell everybody.", priority=5),
        title="Charity begins",
        description="A charity campaign begins.",
    )
    charity_progress: Reaction = Field(
        Reaction(is_on=False, template="The campaign for {charity} has reached {value}.", cooldown_s=120, merge_s=10, priority=-10),
        title="Charity goes on",
        description="The campaign has got further.",
    )
    charity_end: Reaction = Field(
        Reaction(is_on=False, template="The campaign for {charity} ends with {value}. Thank everybody.", priority=10),
        title="Charity ends",
        description="The campaign is over.",
    )
    goal_begin: Reaction = Field(
        Reaction(is_on=False, template="A new goal: {message}, {amount} to reach."),
        title="Goal begins",
        description="A creator goal begins.",
    )
    goal_progress: Reaction = Field(
        Reaction(is_on=False, template="The goal {message} stands at {amount} of {target}.", cooldown_s=300, merge_s=30, priority=-20),
        title="Goal goes on",
        description="A goal has got further.",
    )
    goal_end: Reaction = Field(
        Reaction(is_on=False, template="The goal {message} ends at {amount} of {target}. React to it.", priority=10),
        title="Goal ends",
        description="A goal is reached or ends.",
    )
    hype_train_begin: Reaction = Field(
        Reaction(template="A hype train starts! Cheer everybody on.", priority=20, is_guaranteed=True),
        title="Hype train begins",
        description="A hype train starts.",
    )
    hype_train_progress: Reaction = Field(
        Reaction(
            is_on=False,
            template="The hype train reaches level {amount}. Cheer everybody on.",
            threshold=2,
            cooldown_s=30,
            merge_s=5,
            priority=5,
        ),
        title="Hype train goes on",
        description="The hype train reaches a higher level.",
    )
    hype_train_end: Reaction = Field(
        Reaction(template="The hype train ends at level {amount}. Thank everybody.", priority=15, is_guaranteed=True),
        title="Hype train ends",
        description="The hype train is over.",
    )
    poll_begin: Reaction = Field(
        Reaction(template="A poll begins: {message} The choices: {choices}. Ask everybody to vote.", priority=5),
        title="Poll begins",
        description="A poll is opened.",
    )
    poll_progress: Reaction = Field(
        Reaction(is_on=False, template="The poll {message}: {choices}.", cooldown_s=60, merge_s=10, priority=-30),
        title="Poll goes on",
        description="Votes come in.",
    )
    poll_end: Reaction = Field(
        Reaction(template="The poll {message} ends. {winner} wins. React to it.", priority=5),
        title="Poll ends",
        description="A poll is over.",
    )
    prediction_begin: Reaction = Field(
        Reaction(template="A prediction begins: {message} The outcomes: {choices}. Ask everybody to take part.", priority=5),
        title="Prediction begins",
        description="A prediction is opened.",
    )
    prediction_progress: Reaction = Field(
        Reaction(is_on=False, template="The prediction {message}: {choices}.", cooldown_s=60, merge_s=10, priority=-30),
        title="Prediction goes on",
        description="Points come in.",
    )
    prediction_lock: Reaction = Field(
        Reaction(is_on=False, template="The prediction {message} is locked. Raise the tension."),
        title="Prediction locked",
        description="No more points are taken.",
    )
    prediction_end: Reaction = Field(
        Reaction(template="The prediction {message} ends: {winner}. React to it.", priority=5),
        title="Prediction ends",
        description="The outcome is known.",
    )
    ad_break: Reaction = Field(
        Reaction(is_on=False, template="An ad break of {amount} seconds begins. Ask everybody to stay.", cooldown_s=120, priority=10),
        title="Ad break",
        description="An ad break begins.",
    )
    stream_online: Reaction = Field(
        Reaction(template="The stream begins. Greet everybody.", cooldown_s=600, priority=20),
        title="Stream begins",
        description="Your stream goes online.",
    )
    stream_offline: Reaction = Field(
        Reaction(is_on=False, template="The stream has ended. Say goodbye.", cooldown_s=600, priority=20),
        title="Stream ends",
        description="Your stream goes offline.",
    )
    channel_update: Reaction = Field(
        Reaction(
            is_on=False,
            template="The stream is called “{message}” now, in the category {category}.",
            cooldown_s=60,
            merge_s=10,
            priority=-10,
        ),
        title="Title or category",
        description="Title or category of the stream change.",
    )
    ban: Reaction = Field(
        Reaction(is_on=False, template="A viewer was banned.", cooldown_s=60, priority=-40), title="Ban", description="A viewer is banned."
    )
    timeout: Reaction = Field(
        Reaction(is_on=False, template="A viewer was timed out.", cooldown_s=60, priority=-40),
        title="Timeout",
        description="A viewer is timed out.",
    )
    unban: Reaction = Field(
        Reaction(is_on=False, template="Somebody may come back.", cooldown_s=60, priority=-40),
        title="Unban",
        description="A viewer may come back.",
    )
    automod_hold: Reaction = Field(
        Reaction(is_on=False, template="AutoMod holds a message back for the moderators.", cooldown_s=60, priority=-40),
        title="AutoMod",
        description="AutoMod holds a message back.",
    )
    shield_on: Reaction = Field(
        Reaction(is_on=False, template="Shield mode is on.", cooldown_s=60, priority=-20),
        title="Shield mode on",
        description="Shield mode is switched on.",
    )
    shield_off: Reaction = Field(
        Reaction(is_on=False, template="Shield mode is off.", cooldown_s=60, priority=-20),
        title="Shield mode off",
        description="Shield mode is switched off.",
    )
    moderation: Reaction = Field(
        Reaction(is_on=False, template="A moderator did something.", cooldown_s=60, priority=-40),
        title="Other moderation",
        description="Anything else a moderator does.",
    )
    touch: Reaction = Field(
        Reaction(
            template="Somebody pokes you ({message}). React in a few words.",
            template_many="Somebody pokes you {count} times. React in a few words.",
            cooldown_s=12,
            merge_s=2,
        ),
        title="Touch",
        description="Somebody clicks her model.",
    )

    def of(self, event: StreamEvent) -> Reaction:
        """Return the reaction to a kind of event."""
        reaction: Reaction = getattr(self, event.value)
        return reaction
