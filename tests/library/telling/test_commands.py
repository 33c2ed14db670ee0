"""`alert --test` says of each place whether it was reached; `check` knows what cannot be one."""

import json

import pytest
from clockdyno.__main__ import main
from support.receivers import Receiver
from support.site import Site


@pytest.fixture(autouse=True)
def no_places(monkeypatch):
    for name in ("ALERT_WEBHOOK_URL", "ALERT_EMAIL", "SMTP_URL", "PING_URL"):
        monkeypatch.delenv(name, raising=False)


def test_each_place_gets_one_and_what_happened_is_said(receiver: Receiver, monkeypatch, capsys):
    receiver.answers = [(200, {}), (503, {"Retry-After": "3600"})]
    monkeypatch.setenv("ALERT_WEBHOOK_URL", f"{receiver.url} {receiver.url}")
    monkeypatch.setenv("ALERT_EMAIL", "a@example.com")
    monkeypatch.setenv("SMTP_URL", "smtp://me:hush@127.0.0.1:9")

    assert main(["alert", "--test"]) == 1

    out = capsys.readouterr().out.splitlines()
    assert out == [
        "the webhook (plain): sent.",
        "the webhook (plain): not sent: HTTPError, 503, Service Unavailable.",
        "e-mail: not sent: ConnectionRefusedError, Connection refused.",
    ]
    assert "was sent by `python -m clockdyno alert --test`" in receiver.asked[0].json["text"]


def test_all_is_well_and_programs_may_know(receiver: Receiver, monkeypatch, capsys):
    monkeypatch.setenv("ALERT_WEBHOOK_URL", receiver.url)

    assert main(["alert", "--test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"place": "the webhook (plain)", "sent": True, "error": None}
    ]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "there is no place that alerts go to"),
        ({"ALERT_EMAIL": "a@example.com"}, "SMTP_URL, or a mail add-on, has to name the server"),
        ({"ALERT_WEBHOOK_URL": "hush.example"}, "ALERT_WEBHOOK_URL is no address"),
    ],
)
def test_where_there_is_no_place_that_is_said(environ, said, monkeypatch, capsys):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert main(["alert", "--test"]) == 2
    error = capsys.readouterr().err
    assert said in error and "hush" not in error


@pytest.mark.slow
def test_check_names_an_address_that_is_none_without_showing_it(on_sqlite: Site):
    on_sqlite.write("")
    done = on_sqlite.command("check", PING_URL="hush.example/x", SMTP_URL="smtp://me:hush@")

    assert done.returncode == 2 and "hush" not in done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "Error: The config var SMTP_URL is no address of the form"
        " smtp://user:password@host:587 or smtps://...:465.",
        "Error: The config var PING_URL is no address of the form https://host/path.",
    ]
