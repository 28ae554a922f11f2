"""An invented shop for the notebooks: three teams, half a year of pull requests, and something that slowed one of them down.

It is also an example of a source of your own: see :class:`devmetrics.SourceProvider`.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

from devmetrics import types

BEGIN = datetime(2026, 1, 5, 9, tzinfo=timezone.utc)
WEEKS = 26
PEOPLE = {
    "checkout": ["ada", "grace", "linus"],
    "search": ["edsger", "barbara"],
    "platform": ["ken", "dennis", "margaret", "radia"],
}
# From this week on two of the three who review at checkout are away.
AWAY = 15
PULL_REQUESTS_A_WEEK = {"checkout": 11, "search": 6, "platform": 16}


def teams() -> str:
    """The roster, as `teams.toml`."""
    lines: list[str] = []
    for team, people in PEOPLE.items():
        members = ", ".join(f'{{ handle = "{person}" }}' for person in people)
        lines.append(f'[[team]]\nid = "{team}"\nname = "{team.title()}"\nmember = [{members}]\n')
    return "\n".join(lines)


class Shop:
    """The shop's history: a record a week and team, drawn from a seed."""

    source = "shop"
    description = "the invented shop"

    def discover(self) -> list[types.Feed]:
        return [{"source": "shop", "scope": f"shop:repo:{team}", "kind": "pull_requests"} for team in PEOPLE]

    def fetch(self, feed: types.Feed, after: str | None) -> types.SourcePage:
        begin = int(after or 0)
        records: list[types.Record] = [{"id": str(week), "payload": week} for week in range(begin, WEEKS)]
        return {"records": records, "next": str(WEEKS), "covered_from": BEGIN.isoformat()}

    def normalize(self, feed: types.Feed, record: types.Record) -> list[types.Fact]:
        week, team = record["payload"], feed["scope"].rsplit(":", 1)[-1]
        draw = random.Random(f"{team} {week}")
        facts = [_fact("repository", id=feed["scope"], name=f"shop/{team}", default_branch="main")]
        for number in range(max(1, round(draw.gauss(PULL_REQUESTS_A_WEEK[team], 2)))):
            facts.append(_pull_request(feed["scope"], team, week, number, draw))
        for day in range(5):
            at = BEGIN + timedelta(weeks=week, days=day, hours=8)
            facts.append(_deployment(feed["scope"], week, day, at))
        return facts


def _fact(kind: Any, **value: Any) -> types.Fact:
    return {"fact": kind, "value": value}


def _pull_request(repository: str, team: str, week: int, number: int, draw: random.Random) -> types.Fact:
    def hours(middle: float) -> timedelta:
        return timedelta(hours=draw.lognormvariate(0, 0.8) * middle)

    is_slow = team == "checkout" and week >= AWAY
    begun = BEGIN + timedelta(weeks=week, days=draw.randrange(5), seconds=draw.randrange(7 * 3600))
    opened = begun + hours(8)
    reviewed = opened + hours(20 if is_slow else 4)
    approved = reviewed + hours(3)
    merged = approved + hours(1)
    key = f"{week}-{number}"
    return _fact(
        "pull_request",
        id=f"shop:pr:{team}:{key}",
        repository=repository,
        number=week * 100 + number,
        title=f"{team.title()}: change {key}",
        author={"handle": draw.choice(PEOPLE[team])},
        base_branch="main",
        landing="merge",
        landing_commit=f"{team}-{key}",
        position=int(merged.timestamp()),
        milestones={
            "first_commit_at": _text(begun),
            "opened_at": _text(opened),
            "ready_at": _text(opened),
            "first_review_at": _text(reviewed),
            "approved_at": _text(approved),
            "merged_at": _text(merged),
            "closed_at": _text(merged),
            "review_rounds": 1,
        },
        additions=draw.randrange(5, 300),
        deletions=draw.randrange(0, 100),
        updated_at=_text(merged),
    )


def _deployment(repository: str, week: int, day: int, at: datetime) -> types.Fact:
    return _fact(
        "deployment",
        id=f"{repository}:deployment:{week}-{day}",
        repository=repository,
        environment="production",
        status="success",
        finished_at=_text(at),
        reference=f"{week}.{day}",
        commit=f"{repository}-{week}.{day}",
        contains_to=int(at.timestamp()),
        updated_at=_text(at),
    )


def _text(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
