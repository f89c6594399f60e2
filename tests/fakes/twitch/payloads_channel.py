"""Polls, predictions, goals, shout-outs, ads and the stream itself, in the shapes of the reference."""

from __future__ import annotations

from typing import Any

from tests.fakes.twitch.payloads_chat import BOT, STREAMER, broadcaster

MOMENT = "2026-01-01T17:16:03.171067130Z"
_LATER = "2026-01-01T17:21:03.171067130Z"
_OFF = {"is_enabled": False, "amount_per_vote": 0}


def poll(votes: tuple[int, int, int] | None, **more: Any) -> dict[str, Any]:
    """channel.poll.*; choices have no votes when it begins."""
    choices: list[dict[str, Any]] = [
        {"id": "123", "title": "Yeah!"},
        {"id": "124", "title": "No!"},
        {"id": "125", "title": "Maybe!"},
    ]
    if votes is not None:
        counts = zip(choices, votes, strict=True)
        choices = [{**choice, "bits_votes": 0, "channel_points_votes": count // 3, "votes": count} for choice, count in counts]
    return {
        "id": "1243456",
        **broadcaster(),
        "title": "Aren’t shoes just really hard socks?",
        "choices": choices,
        "bits_voting": dict(_OFF),
        "channel_points_voting": {"is_enabled": True, "amount_per_vote": 10},
        "started_at": MOMENT,
        **more,
    }


def _predictor(number: int, used: int, won: int | None) -> dict[str, Any]:
    return {
        "user_id": str(1230 + number),
        "user_login": f"seer_{number}",
        "user_name": f"Seer_{number}",
        "channel_points_won": won,
        "channel_points_used": used,
    }


def prediction(*, is_open: bool = True, **more: Any) -> dict[str, Any]:
    """channel.prediction.*; outcomes have no figures when it begins."""
    outcomes: list[dict[str, Any]] = [
        {"id": "1243456", "title": "Yeah!", "color": "blue"},
        {"id": "2243456", "title": "No!", "color": "pink"},
    ]
    if not is_open:
        won = 10_000 if "winning_outcome_id" in more else None
        figures: list[dict[str, Any]] = [
            {"users": 10, "channel_points": 15_000, "top_predictors": [_predictor(1, 500, won), _predictor(2, 200, won)]},
            {"users": 1, "channel_points": 5_000, "top_predictors": [_predictor(3, 5_000, None)]},
        ]
        outcomes = [{**outcome, **figure} for outcome, figure in zip(outcomes, figures, strict=True)]
    return {"id": "1243456", **broadcaster(), "title": "Will she win?", "outcomes": outcomes, "started_at": MOMENT, **more}


def goal(current: int, **more: Any) -> dict[str, Any]:
    """channel.goal.*."""
    return {
        "id": "12345-cool-event",
        **broadcaster(),
        "type": "subscription",
        "description": "Help me get partner!",
        "current_amount": current,
        "target_amount": 220,
        "started_at": MOMENT,
        **more,
    }


def _shoutout(side: str, **more: Any) -> dict[str, Any]:
    other = {
        f"{side}_broadcaster_user_id": "7331",
        f"{side}_broadcaster_user_login": "other",
        f"{side}_broadcaster_user_name": "Other",
    }
    return {**broadcaster(), **other, "viewer_count": 860, "started_at": MOMENT, **more}


def ad_break(seconds: int = 60, *, is_automatic: bool = False) -> dict[str, Any]:
    """channel.ad_break.begin."""
    return {
        "duration_seconds": seconds,
        "started_at": MOMENT,
        "is_automatic": is_automatic,
        **broadcaster(),
        "requester_user_id": STREAMER[0],
        "requester_user_login": STREAMER[1],
        "requester_user_name": STREAMER[2],
    }


CHANNEL: dict[str, list[dict[str, Any]]] = {
    "channel.poll.begin": [poll(None, ends_at=_LATER)],
    "channel.poll.progress": [poll((12, 14, 7), ends_at=_LATER)],
    "channel.poll.end": [
        poll((120, 140, 80), status="completed", ended_at=_LATER),
        poll((1, 0, 0), status="terminated", ended_at=_LATER),
        poll((1, 0, 0), status="archived", ended_at=_LATER),
    ],
    "channel.prediction.begin": [prediction(locks_at=_LATER)],
    "channel.prediction.progress": [prediction(is_open=False, locks_at=_LATER)],
    "channel.prediction.lock": [prediction(is_open=False, locked_at=_LATER)],
    "channel.prediction.end": [
        prediction(is_open=False, winning_outcome_id="1243456", status="resolved", ended_at=_LATER),
        prediction(is_open=False, winning_outcome_id=None, status="canceled", ended_at=_LATER),
    ],
    "channel.goal.begin": [goal(100)],
    "channel.goal.progress": [goal(120)],
    "channel.goal.end": [goal(180, is_achieved=False, ended_at=_LATER), goal(220, is_achieved=True, ended_at=_LATER)],
    "channel.shoutout.create": [
        _shoutout(
            "to",
            moderator_user_id=BOT[0],
            moderator_user_login=BOT[1],
            moderator_user_name=BOT[2],
            cooldown_ends_at="2026-01-01T17:18:03.171067130Z",
            target_cooldown_ends_at="2026-01-01T18:16:03.171067130Z",
        )
    ],
    "channel.shoutout.receive": [_shoutout("from")],
    "channel.ad_break.begin": [ad_break(), ad_break(180, is_automatic=True)],
    "stream.online": [{"id": "9001", **broadcaster(), "type": "live", "started_at": MOMENT}],
    "stream.offline": [broadcaster()],
    "channel.update": [
        {
            **broadcaster(),
            "title": "Best Stream Ever",
            "language": "en",
            "category_id": "12453",
            "category_name": "Grand Theft Auto",
            "content_classification_labels": ["MatureGame"],
        }
    ],
}
