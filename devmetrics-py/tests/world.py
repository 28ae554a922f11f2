"""A team's work of ninety days, collected from a source that is written here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import devmetrics as dm

TEAMS = """
[[team]]
id = "web"
name = "Web"
zone = "Europe/Berlin"
member = [{ handle = "ada" }]

[[team]]
id = "api"
name = "API"
member = [{ handle = "grace" }]
"""
WHEN: dm.types.WindowArguments = {"from_": "2026-01-01", "to": "2026-04-01"}


def day(n: int) -> str:
    """Noon of the n-th day of 2026, from 0."""
    return (datetime(2026, 1, 1, 12, tzinfo=timezone.utc) + timedelta(days=n)).isoformat()


class Work:
    """A change was merged on each of the days 1 to 89, every third by Grace, the others by Ada; every tenth was deployed."""

    source = "work"
    description = "work that was made up"

    def discover(self) -> list[dm.types.Feed]:
        return [{"source": "work", "scope": "work:repo:web", "kind": "changes"}]

    def fetch(self, feed: dm.types.Feed, after: str | None) -> dm.types.SourcePage:
        read = int(after or 0)
        end = min(read + 40, 90)
        return {
            "records": [{"id": str(n), "payload": n} for n in range(read, end)],
            "next": str(end),
            "has_more": end < 90,
            "covered_from": day(0),
            "remaining": 90 - end,
        }

    def normalize(self, feed: dm.types.Feed, record: dm.types.Record) -> list[dm.types.Fact]:
        n: int = record["payload"]
        repository = feed["scope"]
        if n == 0:
            value: dict[str, Any] = {"id": repository, "name": "acme/web", "default_branch": "main"}
            return [{"fact": "repository", "value": value}]
        change = {
            "id": f"work:pr:{n:04}",
            "repository": repository,
            "number": n,
            "title": f"Change {n}",
            "author": {"handle": "grace" if n % 3 == 0 else "ada"},
            "base_branch": "main",
            "landing": "merge",
            "landing_commit": f"{n:040x}",
            "position": n,
            "milestones": {"first_commit_at": day(n - 1), "opened_at": day(n - 1), "merged_at": day(n), "closed_at": day(n)},
            "additions": 10 * n,
            "deletions": n,
            "updated_at": day(n),
        }
        facts: list[dm.types.Fact] = [{"fact": "pull_request", "value": change}]
        if n % 10 == 0:
            deployment = {
                "id": f"work:deployment:{n:04}",
                "repository": repository,
                "environment": "production",
                "status": "success",
                "finished_at": day(n).replace("T12", "T13"),
                "reference": f"v{n}",
                "commit": f"{n:040x}",
                "contains_to": n,
                "updated_at": day(n),
            }
            facts.append({"fact": "deployment", "value": deployment})
        return facts
