from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from os import PathLike
from typing import Any

from typing_extensions import Unpack

from devmetrics import _devmetrics
from devmetrics import types as t
from devmetrics._results import Answers, Facts, Page, Rows
from devmetrics._sources import SourceProvider

def connect(
    opening: str | PathLike[str] | Mapping[str, Any] | None = None,
    *,
    sources: Sequence[SourceProvider] = (),
) -> Engine: ...
async def connect_async(
    opening: str | PathLike[str] | Mapping[str, Any] | None = None,
    *,
    sources: Sequence[SourceProvider] = (),
) -> AsyncEngine: ...

class Engine:
    def __init__(self, native: _devmetrics.Session) -> None: ...
    def call(self, name: str, /, **arguments: Any) -> Any: ...
    def metrics(self, metrics: t.Names | None = None) -> Rows[t.Definition]: ...
    def report(
        self,
        metrics: t.Names | None = None,
        *,
        bucket: t.Bucket | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Answers: ...
    def compare(
        self,
        metric: str,
        *,
        before_from: t.When | None = None,
        before_to: t.When | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Rows[t.Comparison]: ...
    def explain(self, metric: str, **question: Unpack[t.EvidenceArguments]) -> Page[t.Evidence]: ...
    def trend(
        self,
        metrics: t.Names | None = None,
        *,
        bucket: t.Bucket | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Rows[t.Trend]: ...
    def anomalies(
        self,
        metrics: t.Names | None = None,
        *,
        bucket: t.Bucket | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> t.Anomalies: ...
    def forecast(
        self,
        metric: str | None = None,
        *,
        items: int | None = None,
        by: str | date | datetime | None = None,
        seed: int | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Rows[t.Forecast]: ...
    def goals(self) -> Rows[t.Goal]: ...
    def quality(self, **window: Unpack[t.WindowArguments]) -> t.Quality: ...
    def status(self) -> Rows[t.Certificate]: ...
    def match_coverage(self, **scope: Unpack[t.ScopeArguments]) -> Rows[t.MatchCoverage]: ...
    def teams(self, **page: Unpack[t.PageArguments]) -> Page[t.Team]: ...
    def members(self, team: str, *, at: t.When | None = None) -> Rows[t.Member]: ...
    def repositories(self, **page: Unpack[t.PageArguments]) -> Page[t.Repository]: ...
    def pull_requests(
        self,
        *,
        state: t.State | None = None,
        **arguments: Unpack[t.ListArguments],
    ) -> Page[t.PullRequest]: ...
    def deployments(
        self,
        *,
        environment: str | None = None,
        **arguments: Unpack[t.ListArguments],
    ) -> Page[t.Deployment]: ...
    def incidents(self, **arguments: Unpack[t.ListArguments]) -> Page[t.Incident]: ...
    def import_deployments(
        self,
        records: Iterable[Mapping[str, Any]],
        **how: Unpack[t.ImportArguments],
    ) -> t.Imported: ...
    def import_incidents(
        self,
        records: Iterable[Mapping[str, Any]],
        **how: Unpack[t.ImportArguments],
    ) -> t.Imported: ...
    def facts(self, *, open: bool | None = None, **scope: Unpack[t.ScopeArguments]) -> Facts: ...
    def sync(
        self,
        *,
        progress: bool | Callable[[t.Event], object] | None = None,
        **how: Unpack[t.SyncArguments],
    ) -> t.SyncReport: ...
    def pages(self, name: str, /, **arguments: Any) -> Iterator[Page[Any]]: ...

class AsyncEngine:
    def __init__(self, native: _devmetrics.Session) -> None: ...
    async def call(self, name: str, /, **arguments: Any) -> Any: ...
    async def metrics(self, metrics: t.Names | None = None) -> Rows[t.Definition]: ...
    async def report(
        self,
        metrics: t.Names | None = None,
        *,
        bucket: t.Bucket | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Answers: ...
    async def compare(
        self,
        metric: str,
        *,
        before_from: t.When | None = None,
        before_to: t.When | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Rows[t.Comparison]: ...
    async def explain(self, metric: str, **question: Unpack[t.EvidenceArguments]) -> Page[t.Evidence]: ...
    async def trend(
        self,
        metrics: t.Names | None = None,
        *,
        bucket: t.Bucket | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Rows[t.Trend]: ...
    async def anomalies(
        self,
        metrics: t.Names | None = None,
        *,
        bucket: t.Bucket | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> t.Anomalies: ...
    async def forecast(
        self,
        metric: str | None = None,
        *,
        items: int | None = None,
        by: str | date | datetime | None = None,
        seed: int | None = None,
        **question: Unpack[t.QuestionArguments],
    ) -> Rows[t.Forecast]: ...
    async def goals(self) -> Rows[t.Goal]: ...
    async def quality(self, **window: Unpack[t.WindowArguments]) -> t.Quality: ...
    async def status(self) -> Rows[t.Certificate]: ...
    async def match_coverage(self, **scope: Unpack[t.ScopeArguments]) -> Rows[t.MatchCoverage]: ...
    async def teams(self, **page: Unpack[t.PageArguments]) -> Page[t.Team]: ...
    async def members(self, team: str, *, at: t.When | None = None) -> Rows[t.Member]: ...
    async def repositories(self, **page: Unpack[t.PageArguments]) -> Page[t.Repository]: ...
    async def pull_requests(
        self,
        *,
        state: t.State | None = None,
        **arguments: Unpack[t.ListArguments],
    ) -> Page[t.PullRequest]: ...
    async def deployments(
        self,
        *,
        environment: str | None = None,
        **arguments: Unpack[t.ListArguments],
    ) -> Page[t.Deployment]: ...
    async def incidents(self, **arguments: Unpack[t.ListArguments]) -> Page[t.Incident]: ...
    async def import_deployments(
        self,
        records: Iterable[Mapping[str, Any]],
        **how: Unpack[t.ImportArguments],
    ) -> t.Imported: ...
    async def import_incidents(
        self,
        records: Iterable[Mapping[str, Any]],
        **how: Unpack[t.ImportArguments],
    ) -> t.Imported: ...
    async def facts(self, *, open: bool | None = None, **scope: Unpack[t.ScopeArguments]) -> Facts: ...
    async def sync(
        self,
        *,
        progress: bool | Callable[[t.Event], object] | None = None,
        **how: Unpack[t.SyncArguments],
    ) -> t.SyncReport: ...
    def pages(self, name: str, /, **arguments: Any) -> AsyncIterator[Page[Any]]: ...
