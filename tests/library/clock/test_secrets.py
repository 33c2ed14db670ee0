"""Secrets of the environment, masked in every text that an exception leaves."""

import pytest
from clockdyno import masks, texts
from support.runs import raising, run_once
from support.site import Site

PASSWORD = "p@ssw0rd/x:y 9"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("DATABASE_URL", "postgres://me:hunter2@db/x", 'invalid "postgres//me:hunter2@db/x"'),
        ("DATABASE_URL", "postgres://me:p%40ssw0rd%2F9@db/x", "password p@ssw0rd/9 is wrong"),
        ("DATABASE_URL", "postgres://me:p%40ssw0rd%2F9@db/x", "password p%40ssw0rd%2f9 is wrong"),
        ("DATABASE_URL", f"postgres//me:{PASSWORD}@db/x", f"the password {PASSWORD} is wrong"),
        ("CACHE_DSN", "host=db password=hunter2 user=me", "no authentication by hunter2"),
        ("STRIPE_API_KEY", "sk_live 4711/+", "GET /?api_key=sk_live%204711%2F%2B failed"),
        ("STRIPE_API_KEY", "sk_live 4711/+", "GET /?api_key=sk_live+4711%2F%2B failed"),
        ("SIGNING_SECRET", "line one\nline two", r"b'line one\nline two'"),
        ("ALERT_WEBHOOK_URL", "https://hooks.example/T1/B2", "for https://hooks.example/T1/B2"),
        ("FEED_URL", "https://feed.example/?token=tok-12345", "no tok-12345 there"),
        ("OTHER", "nothing", "GET https://a.example/?x=1&access_token=tok-12345 failed"),
        ("OTHER", "nothing", "cannot open https://me:hunter2@host/x"),
    ],
)
def test_a_secret_of_the_environment_is_masked_in_whatever_form(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str
) -> None:
    monkeypatch.setenv(name, value)
    told = masks.masked(text)

    parts = ("hunter2", "ssw0rd", "x:y", "4711", "line two", "B2", "tok-12345")
    assert masks.MASK in told and not any(part in told for part in parts)


def test_what_is_no_secret_stays_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MAX_TOKENS", "4096"), ("USE_TOKEN", "true"), ("DB_PASSWORD", "post")):
        monkeypatch.setenv(name, value)
    text = "true: 4096 bytes of postgres://host:5432/x in 17 posts, line 3"

    assert masks.masked(text) == text and masks.masked("as post") == "as ***"


def test_a_secret_reaches_neither_row_nor_log_nor_alert(
    on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "tok-12345")
    row = run_once(on_sqlite, raising(ValueError("with tok-12345")))

    assert "with ***" in row.error and "tok-12345" not in caplog.text


def test_half_a_secret_that_a_cut_left_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s3cret-" * 1000
    monkeypatch.setenv("SERVICE_TOKEN", secret)

    assert "s3cret" not in texts.of(ValueError(secret * 9 + "short"))


def test_a_secret_that_a_job_takes_out_of_the_environment_stays_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(masks, "STARTED_WITH", (("API_KEY", "open-sesame-4711"),))

    assert masks.masked("refused: open-sesame-4711") == "refused: ***"
