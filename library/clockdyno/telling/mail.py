"""Alerts by e-mail: to ALERT_EMAIL, over SMTP_URL or what Heroku's mail add-ons set instead."""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from clockdyno import texts
from clockdyno.telling.events import Event

SECONDS = 10
PORTS = {"smtp": 587, "smtps": 465}
ADDRESS = re.compile(r"[^@\s<>,;:\"\\]+@[^@\s<>,;:\"\\]+")
NO_SMTP = "is no address of the form smtp://user:password@host:587 or smtps://...:465"
NO_TLS = "the server offers no TLS, and the password is sent over nothing else"


class Server(NamedTuple):
    """An SMTP server. `is_tls`: from the first byte, as on port 465; else by STARTTLS."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool = False
    sender: str = ""


class NoTls(Exception):
    """The server would have the password in clear text."""


def server(environ: Mapping[str, str] = os.environ) -> Server | None:
    """Return the mail server that the config vars name; ValueError, without the address, if none.

    SMTP_URL comes first. The add-ons: CloudMailin sets CLOUDMAILIN_SMTP_URL, Mailgun and Mailer To
    Go MAILGUN_SMTP_* and MAILERTOGO_SMTP_*, SendGrid the older pair, by which, or by an API key of
    one's own, its server is reached. Postmark's add-on ended in 2017; its token works as ever.
    """
    for name in ("SMTP_URL", "CLOUDMAILIN_SMTP_URL"):
        if environ.get(name):
            return read(environ[name])
    get = environ.get
    if login := get("MAILGUN_SMTP_LOGIN"):
        where = get("MAILGUN_SMTP_SERVER") or "smtp.mailgun.org"
        password, port = get("MAILGUN_SMTP_PASSWORD", ""), _port(get("MAILGUN_SMTP_PORT"))
        return Server(where, port, login, password, port == 465)
    if host := get("MAILERTOGO_SMTP_HOST"):
        name, password = get("MAILERTOGO_SMTP_USER", ""), get("MAILERTOGO_SMTP_PASSWORD", "")
        # Its user is no address, and it sends from its own domain alone.
        sender = f"clock@{get('MAILERTOGO_DOMAIN')}" if get("MAILERTOGO_DOMAIN") else ""
        number = _port(get("MAILERTOGO_SMTP_PORT"))
        return Server(host, number, name, password, number == 465, sender)
    if key := get("SENDGRID_API_KEY"):
        return Server("smtp.sendgrid.net", 587, "apikey", key)
    if user := get("SENDGRID_USERNAME"):
        return Server("smtp.sendgrid.net", 587, user, get("SENDGRID_PASSWORD", ""))
    if token := get("POSTMARK_API_TOKEN") or get("POSTMARK_API_KEY"):
        where = get("POSTMARK_SMTP_SERVER") or "smtp.postmarkapp.com"
        return Server(where, 587, token, token)
    return None


def _port(given: str | None) -> int:
    return int(given) if given and given.isdecimal() else 587


def read(url: str) -> Server:
    """Read an SMTP_URL; `?from=` names the sender. ValueError does not show the address."""
    try:
        parts = urlsplit(url)
        kind = parts.scheme.partition("+")[0]
        port = parts.port or PORTS[kind]
        if not parts.hostname:
            raise KeyError
    except (ValueError, KeyError):
        raise ValueError(NO_SMTP) from None
    sender = parse_qs(parts.query).get("from", [""])[0]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port, user, password, kind == "smtps" or port == 465, sender)


def recipients(text: str) -> list[str]:
    """Return the addresses of ALERT_EMAIL, which commas or spaces part; ValueError if one is none.

    What is wrong is said without showing it.
    """
    found = [one for one in re.split(r"[,;\s]+", text) if one]
    if not found or not all(ADDRESS.fullmatch(one) for one in found):
        raise ValueError("is no list of e-mail addresses")
    return found


class Mail:
    """Where e-mails go, and by which server."""

    name = "e-mail"

    def __init__(self, to: Sequence[str], by: Server) -> None:
        self._to, self._by = list(to), by

    def send(self, head: str, events: Sequence[Event], lines: Sequence[str]) -> None:
        """Send one message; raises what smtplib and ssl do, and NoTls."""
        from email.message import EmailMessage  # Only here: a megabyte and more.

        message = EmailMessage()
        message["Subject"] = texts.line(f"{head} {lines[0]}" if len(events) == 1 else head)[:200]
        message["From"] = self._sender()
        message["To"] = ", ".join(self._to)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please.
        links = [f"\n  {event.link}" if event.link else "" for event in events]
        links += [""] * (len(lines) - len(links))
        body = [line + link for line, link in zip(lines, links, strict=False)]
        message.set_content("\n".join([head, "", *body, ""]))
        self._deliver(message)

    def _sender(self) -> str:
        asked = os.environ.get("ALERT_EMAIL_FROM", "") or self._by.sender or self._by.user
        return asked if ADDRESS.fullmatch(asked) else self._to[0]

    def _deliver(self, message: Any) -> None:
        import smtplib
        import ssl

        by, context = self._by, ssl.create_default_context()
        if by.is_tls:
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                by.host, by.port, timeout=SECONDS, context=context
            )
        else:
            line = smtplib.SMTP(by.host, by.port, timeout=SECONDS)
        with line:
            line.ehlo_or_helo_if_needed()
            if not by.is_tls and line.has_extn("starttls"):
                line.starttls(context=context)
            elif not by.is_tls and by.password:
                raise NoTls(NO_TLS)
            if by.password:
                line.login(by.user, by.password)
            line.send_message(message)


def is_busy(error: Exception) -> bool:
    """Say whether the server only has too much to do just now: an answer from 400 to 499."""
    code = _code(error)
    return code is not None and 400 <= code < 500


def why(error: Exception) -> dict[str, Any]:
    """Say what went wrong; of what a server answers only its number, as it may quote secrets."""
    said = str(error) if isinstance(error, NoTls) else None
    reason = said or getattr(error, "strerror", None) or getattr(error, "verify_message", None)
    told = texts.brief(Exception(reason)) if reason else None
    return {"error": type(error).__name__, "code": _code(error), "reason": told}


def _code(error: Exception) -> int | None:
    refused = getattr(error, "recipients", None)
    if isinstance(refused, dict) and refused:
        return int(next(iter(refused.values()))[0])
    code = getattr(error, "smtp_code", None)
    return code if isinstance(code, int) else None
