"""E-mail goes out by TLS that is checked, and nothing that a job says is more than a text."""

import contextlib

import pytest
from clockdyno.telling import alerts, desk, mail
from clockdyno.telling.events import Event
from support.receivers import Post

FAILED = Event("failed", "report", "failed: ValueError: no luck\nBcc: evil@example.com", None, 7)


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[2]))
    return certificate[:2]


def send(monkeypatch, url: str, *events: Event, to: str = "a@example.com, b@example.com"):
    """Send a message as the config vars say."""
    monkeypatch.setenv("ALERT_EMAIL", to)
    monkeypatch.setenv("SMTP_URL", url)
    sender = alerts.Alerts()
    sender._desks[0].send_all(list(events or [FAILED]))
    return sender


@pytest.mark.parametrize("kind", ["smtp", "smtps"])
def test_a_mail_arrives_by_tls_with_a_login_and_a_link(kind, trusted, monkeypatch):
    monkeypatch.setenv("DASHBOARD_URL", "https://app.example/clock")
    with contextlib.closing(Post(trusted, at_once=kind == "smtps")) as post:
        send(monkeypatch, f"{kind}://clock%40example.com:pass%3Aword@localhost:{post.port}")

    (found,) = post.mails
    assert post.logins == [(True, "clock@example.com", "pass:word")]
    assert found["Subject"] == (
        "[clock] report failed: ValueError: no luck\\nBcc: evil@example.com"
    )
    assert (found["To"], found["From"]) == ("a@example.com, b@example.com", "clock@example.com")
    assert found["Bcc"] is None and found["Auto-Submitted"] == "auto-generated"
    assert "https://app.example/clock/runs/7" in found.get_content()


def test_a_herd_is_one_mail_and_its_subject_counts(trusted, monkeypatch):
    with contextlib.closing(Post(trusted)) as post:
        herd = [Event("failed", f"job{n}", "failed: no luck") for n in range(12)]
        send(monkeypatch, f"smtp://localhost:{post.port}?from=clock@example.com", *herd)

    (found,) = post.mails
    assert found["Subject"] == "[clock] 12 failed (12 jobs)"
    assert found["From"] == "clock@example.com"
    assert "job9 failed: no luck\r\nand 2 more" in found.get_content()


def test_no_password_is_sent_to_a_server_that_has_no_tls_or_is_another(
    certificate, monkeypatch, caplog
):
    caplog.set_level("INFO")
    with contextlib.closing(Post()) as open_one:
        sender = send(monkeypatch, f"smtp://me:hush-hush@localhost:{open_one.port}")
    assert (open_one.logins, open_one.mails, sender.failed) == ([], [], 1)
    assert "offers no TLS" in caplog.text
    with contextlib.closing(Post(certificate[:2])) as stranger:  # Nobody vouches for it here.
        sender = send(monkeypatch, f"smtp://me:hush-hush@localhost:{stranger.port}")
    assert (stranger.logins, stranger.mails, sender.failed) == ([], [], 1)
    assert "SSLCertVerificationError" in caplog.text and "hush-hush" not in caplog.text


def test_a_relay_without_a_password_needs_no_tls(monkeypatch):
    with contextlib.closing(Post()) as post:
        send(monkeypatch, f"smtp://localhost:{post.port}")

    assert post.mails[0]["From"] == "a@example.com"


def test_what_a_server_answers_is_told_by_its_number_alone(trusted, monkeypatch, caplog):
    caplog.set_level("INFO")
    with contextlib.closing(Post(trusted)) as post:
        post.refusals = ["554 account 4711 is closed"]
        send(monkeypatch, f"smtp://localhost:{post.port}")
        send(monkeypatch, f"smtp://me:wrong@localhost:{post.port}")

    assert post.mails == []
    assert "error=SMTPSenderRefused code=554" in caplog.text and "4711" not in caplog.text
    assert "error=SMTPAuthenticationError code=535" in caplog.text and "wrong" not in caplog.text


@pytest.mark.parametrize("code", ["451 too much to do", "421 later"])
def test_a_server_that_has_too_much_to_do_is_asked_again(code, trusted, monkeypatch):
    monkeypatch.setattr(desk, "PAUSE", 0.01)
    with contextlib.closing(Post(trusted)) as post:
        post.refusals = [code]
        send(monkeypatch, f"smtp://localhost:{post.port}")

    assert len(post.mails) == 1


@pytest.mark.parametrize(
    ("environ", "server"),
    [
        ({"SMTP_URL": "smtp://u:p@mx.example"}, ("mx.example", 587, "u", "p", False, "")),
        ({"SMTP_URL": "smtps://u:p@mx.example"}, ("mx.example", 465, "u", "p", True, "")),
        ({"SMTP_URL": "smtp://mx.example:465"}, ("mx.example", 465, "", "", True, "")),
        (
            {"CLOUDMAILIN_SMTP_URL": "smtp://u:p@h.example:587?starttls=true"},
            ("h.example", 587, "u", "p", False, ""),
        ),
        (
            {
                "MAILGUN_SMTP_SERVER": "smtp.mailgun.org",
                "MAILGUN_SMTP_PORT": "587",
                "MAILGUN_SMTP_LOGIN": "postmaster@app.mailgun.org",
                "MAILGUN_SMTP_PASSWORD": "p",
            },
            ("smtp.mailgun.org", 587, "postmaster@app.mailgun.org", "p", False, ""),
        ),
        (
            {
                "MAILERTOGO_SMTP_HOST": "smtp.us-west-1.mailertogo.net",
                "MAILERTOGO_SMTP_PORT": "587",
                "MAILERTOGO_SMTP_USER": "AKIA",
                "MAILERTOGO_SMTP_PASSWORD": "p",
                "MAILERTOGO_DOMAIN": "app.example",
            },
            ("smtp.us-west-1.mailertogo.net", 587, "AKIA", "p", False, "clock@app.example"),
        ),
        ({"SENDGRID_API_KEY": "SG.x"}, ("smtp.sendgrid.net", 587, "apikey", "SG.x", False, "")),
        (
            {"SENDGRID_USERNAME": "app1@heroku.com", "SENDGRID_PASSWORD": "p"},
            ("smtp.sendgrid.net", 587, "app1@heroku.com", "p", False, ""),
        ),
        ({"POSTMARK_API_TOKEN": "t"}, ("smtp.postmarkapp.com", 587, "t", "t", False, "")),
        ({"SMTP_URL": "", "POSTMARK_API_TOKEN": "t"}, ("smtp.postmarkapp.com", 587, "t", "t")),
    ],
)
def test_the_server_is_what_smtp_url_or_a_mail_add_on_says(environ, server):
    assert mail.server(environ)[: len(server)] == server


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP_URL", "mx.example:587", "SMTP_URL is no address"),
        ("SMTP_URL", "https://hush@mx.example", "SMTP_URL is no address"),
        ("SMTP_URL", "smtp://u:hush@mx.example:port", "SMTP_URL is no address"),
        ("ALERT_EMAIL", "hush at example.com", "ALERT_EMAIL is no list of e-mail addresses"),
        ("ALERT_WEBHOOK_URL", "hooks.example/hush", "ALERT_WEBHOOK_URL is no address"),
        ("ALERT_WEBHOOK_URL", "https://ok.example ftp://hush", "ALERT_WEBHOOK_URL is no address"),
        ("SMTP_URL", "", "SMTP_URL, or a mail add-on, has to name the server"),
    ],
)
def test_what_is_wrong_with_a_config_var_is_said_without_showing_it(monkeypatch, name, value, said):
    monkeypatch.setenv("ALERT_EMAIL", "a@example.com")
    monkeypatch.setenv("SMTP_URL", "smtp://mx.example")
    monkeypatch.setenv(name, value)

    (found,) = alerts.mistakes()
    assert found.startswith(said) and "hush" not in found
