"""Which requests the runs of one tenant have made lately, by what the journal holds of their rows."""

from __future__ import annotations

from collections import Counter

from .columns import from_json
from .store import Store
from .times import seconds_of


class TenantRequests:
    """The requests of the runs to one address that share an app, or the tenant that their settings name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, run_id: int, seconds: float) -> list[tuple[float, int]]:
        """Returns the requests within the last ``seconds`` of all runs of the tenant of the run with the id ``run_id``, oldest
        first: how many seconds ago, and how many. They count from when their row's last one was answered."""
        moment = seconds_of(self._store.now())
        requests = Counter[int]()
        for id_ in self._of_tenant(run_id, moment - seconds):
            requests.update(dict(self._store.find(_COUNT_REQUESTS, id_, moment - seconds)))
        return [(max(0.0, float(moment - second)), number) for second, number in sorted(requests.items())]

    def _of_tenant(self, run_id: int, since: float) -> list[int]:
        """Returns the ids of the runs that share their requests with that run, and that had not ended before ``since``."""
        (this,) = self._store.find("SELECT base_url, app, settings FROM runs WHERE id = ?", run_id)
        url, app, settings = this
        sql = "SELECT id, app, settings FROM runs WHERE base_url = ? AND (finished IS NULL OR finished > ?)"
        runs = self._store.find(sql, url, since)
        return [id_ for id_, *of_run in runs if (_tenant_of(of_run[1]) or of_run[0]) == (_tenant_of(settings) or app)]


def _tenant_of(settings: str) -> str | None:
    """Returns the name of the tenant in the settings of a run, if they name it."""
    api = from_json(settings).get("api") or {}
    return f"tenant {api['tenant']}" if api.get("tenant") else None


_COUNT_REQUESTS = (
    "SELECT time, sum(attempts + reads + CASE WHEN status = 'sending' THEN 1 ELSE 0 END)"
    " FROM rows WHERE run = ? AND time > ? AND kept_run IS NULL GROUP BY time"
)
