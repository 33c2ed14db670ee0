"""What a clock is told beside its jobs: its zone, its pools. What it could not keep is refused."""

from collections.abc import Mapping
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.base import STATE_STOPPED
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from clockdyno.schedule import adoption, at_start, triggers

POOLS, STORES = ("threadpool", "ThreadPoolExecutor"), ("memory", "MemoryJobStore")
NO_POOL = (
    "{name} cannot be the executor {alias!r}: its runs would not be in the ledger. Write "
    "ThreadPoolExecutor(20) instead, or leave it out."
)
PROCESSES = " A job that needs a process of its own says timeout=600, for example."
NO_STORE = (
    "{name} cannot be the job store {alias!r}: the ledger already does what a job store is for. It "
    "remembers what ran, catches up what was missed, and two clocks share it. Leave it out."
)


class Settings(BlockingScheduler):
    """APScheduler's scheduler, whose pools all hand their runs to one executor: the ledger's."""

    executor: Any

    def add_executor(self, executor: Any, alias: str = "default", **options: Any) -> None:
        """Take a thread pool; its jobs run in its threads, and in the ledger."""
        if executor is self.executor or not isinstance(executor, (str, BaseExecutor)):
            return super().add_executor(executor, alias)
        _refuse_pool(executor, alias)
        if isinstance(executor, str):
            executor = self._create_plugin_instance("executor", executor, options)
        super().add_executor(self.executor, alias)
        self.executor.pools.name(alias, executor._pool)

    def add_jobstore(self, jobstore: Any, alias: str = "default", **options: Any) -> None:
        """Take a store in memory; what another one is for, the ledger does."""
        _refuse_store(jobstore, alias)
        super().add_jobstore(jobstore, alias, **options)

    def has_executor(self, alias: str) -> bool:
        """Say whether jobs may name an executor."""
        return alias == "default" or alias in self._executors

    def _configure(self, config: dict[str, Any]) -> None:
        for alias, value in config.get("executors", {}).items():
            _refuse_pool(value, alias)
        for alias, value in config.get("jobstores", {}).items():
            _refuse_store(value, alias)
        self._defaults_given = dict(config.get("job_defaults", {}))
        self.names_its_zone = bool(config.get("timezone"))
        # APScheduler's own grace of one second would drop runs; see grace().
        config["job_defaults"] = {"misfire_grace_time": None, **self._defaults_given}
        super()._configure(config)
        # A job that says executor="clock" runs here, wherever the others run.
        self._executors.setdefault("clock", self.executor)

    def _create_default_executor(self) -> Any:
        return self.executor

    def _create_trigger(self, trigger: Any, keywords: dict[str, Any]) -> BaseTrigger:
        if isinstance(trigger, BaseTrigger):
            made = adoption.adopt(trigger, self.timezone)
        elif trigger in (None, "cron", "interval", "date"):
            made = triggers.make(trigger or "date", keywords, self.timezone)
        else:
            made = super()._create_trigger(trigger, keywords)
        return at_start.read(made) if self.state == STATE_STOPPED else made


def _refuse_pool(value: Any, alias: str) -> None:
    name = _name(value)
    if name not in POOLS:
        rest = PROCESSES if name in ("processpool", "ProcessPoolExecutor") else ""
        raise ValueError(NO_POOL.format(name=name, alias=alias) + rest)


def _refuse_store(value: Any, alias: str) -> None:
    name = _name(value)
    if name not in STORES:
        raise ValueError(NO_STORE.format(name=name, alias=alias))


def _name(value: Any) -> str:
    """Return what APScheduler's documentation calls it, whichever way it is given."""
    if isinstance(value, Mapping):
        value = value.get("type") or value.get("class")
    if isinstance(value, str):
        return value.rpartition(":")[2].rpartition(".")[2]
    kind: type = value if isinstance(value, type) else type(value)
    return kind.__name__
