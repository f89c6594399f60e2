"""What Twitch allows, in one table. The numbers are theirs and may change.

Sources, read 2026: dev.twitch.tv/docs/authentication (tokens: access about 4 h, refresh once and 30 days idle,
validate every hour), …/authentication/getting-tokens-oauth (device codes), …/api/guide (800 points a minute),
…/api/reference (sizes of pages and texts), …/chat (rates for messages), …/eventsub/handling-websocket-events.
"""

from __future__ import annotations

from typing import Final

# --- tokens ---
# How long an access token serves (about 4 h) is relied on nowhere: the 401 decides.
REFRESH_IDLE_DAYS: Final = 30.0
"""A refresh token that is not used for so long is dead."""
VALIDATE_EVERY_S: Final = 3600.0
"""Required of every application that keeps a user signed in."""
DEVICE_INTERVAL_S: Final = 5.0
SLOW_DOWN_S: Final = 5.0
"""Added to the interval at every `slow_down` (RFC 8628 §3.5)."""
DEVICE_LIFETIME_S: Final = 1800.0

# --- Helix ---
HELIX_POINTS: Final = 800
HELIX_PERIOD_S: Final = 60.0
PAGE_SIZE: Final = 50
"""Redemptions and rewards a page."""
SUBSCRIPTION_PAGES: Final = 10
"""100 subscriptions a page, 3 lines of 300."""

# --- chat ---
LONGEST_MESSAGE: Final = 500
CHAT_PERIOD_S: Final = 30.0
CHAT_NORMAL: Final = 20
CHAT_PRIVILEGED: Final = 100
"""As broadcaster, moderator or VIP."""
CHAT_SPACING_S: Final = 1.0
"""Between two messages of somebody without a role there."""
DUPLICATE_WINDOW_S: Final = 30.0
"""The same text again within so long is dropped by Twitch."""
ANNOUNCEMENT_SPACING_S: Final = 2.0
"""One announcement every two seconds."""

# --- ours: what we wait for and take in ---
CONNECT_TIMEOUT_S: Final = 10.0
REQUEST_TIMEOUT_S: Final = 20.0
LARGEST_REPLY: Final = 4_000_000
LARGEST_FRAME: Final = 1_000_000
LONGEST_TOKEN: Final = 2_000
LONGEST_QUEUE: Final = 40
"""Pieces of messages that wait for their turn in the chat."""
