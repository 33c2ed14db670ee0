"""Who waits for the health page while the database hangs, and what those are told who do not."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clockdyno.dashboard import health
from support.pages import Ledger


@pytest.mark.parametrize(("age", "told"), [(3, "up"), (31, "unknown"), (None, "unknown")])
def test_while_the_database_hangs_nobody_waits_for_it(
    client: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, age: float | None, told: str
) -> None:
    ledger.clock()
    go_on, asked = threading.Event(), queue.SimpleQueue[str]()
    assert client.get("/clock/health").json["state"] == "up"
    if age is None:
        health.kept = health._Kept()
    else:
        health.kept._at -= age
    monkeypatch.setattr(health, "LONGEST_WAIT", 0)

    def hang() -> health.Answer:
        asked.put("once")
        go_on.wait()
        return health._unknown("The database cannot be reached.")

    monkeypatch.setattr(health, "_ask", hang)

    assert [client.get("/clock/health").json["state"] for _ in range(8)] == [told] * 8
    question = health.kept._question
    go_on.set()
    assert question and question.result()[0]["state"] == "unknown"
    assert client.get("/clock/health").json["reason"] == "The database cannot be reached."
    assert asked.qsize() == 1


def test_those_who_come_while_it_is_asked_get_the_same_answer(
    client: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.clock()
    monkeypatch.setattr(health, "LONGEST_WAIT", 1000)
    go_on, honest, asked = threading.Event(), health._ask, queue.SimpleQueue[str]()

    def slow() -> health.Answer:
        asked.put("once")
        assert go_on.wait()
        return honest()

    monkeypatch.setattr(health, "_ask", slow)
    with ThreadPoolExecutor() as pool:
        told = [pool.submit(health.report) for _ in range(4)]
        assert asked.get()
        go_on.set()

        assert [each.result()[0]["state"] for each in told] == ["up"] * 4
    assert asked.empty()


def test_a_bug_in_the_answer_is_no_answer(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_ask", lambda: 1 / 0)

    assert [client.get("/clock/health").status_code for _ in range(2)] == [500, 500]
