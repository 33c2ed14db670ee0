"""Secrets of the environment, masked wherever they turn up in a text."""

import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "***"
NAMES = re.compile(
    r"SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE|SIGNATURE|WEBHOOK"
    r"|(^|_)(KEY|PASS|DSN|SALT|AUTH|SIG|PIN|PING)S?(_|$)|_PWD(_|$)|SMTP_URL"
)
SWITCHES = {"true", "false", "none", "null", "yes", "no", "on", "off"}
STARTED_WITH = tuple(os.environ.items())
_told: dict[str, str] = {}  # texts that are secret, by a name that says so
WORD = 8  # So short a secret may be a word, and is masked only where it stands alone.

# Up to the first @ and up to the last: whoever wrote the URL may not have quoted the password.
PASSWORDS = (r"(?:^|//)[^\s/:@]*:([^@]+)@", r"(?:^|//)[^\s/:@]*:(.+)@", r"password=(\S+)")
USER_INFO = re.compile(r"(//[^\s/:@]*:)[^\s/@]+(?=@)")
PARAMETER = re.compile(r"([?&]([\w.-]{1,80})=)([^\s&#'\"<>]+)")


def masked(text: str) -> str:
    """Return a text without the secrets of the environment, and without what URLs keep secret."""
    found = [form for form in _forms(_environment()) if form in text]
    text = re.sub("|".join(map(_alone, found)), MASK, text) if found else text
    text = USER_INFO.sub(rf"\1{MASK}", text)
    return PARAMETER.sub(lambda m: m[1] + MASK if _is_secret(m[2]) else m[0], text)


def keep_secret(text: str) -> None:
    """Mask a text from now on that is no config var, but as secret as one."""
    _told.setdefault(text, "WEBHOOK")


def longest() -> int:
    """Return the length of the longest secret, in whatever form."""
    return max(map(len, _forms(_environment())), default=0)


def _environment() -> tuple[tuple[str, str], ...]:
    """Return what is set now, and what was at the start: a job may have taken it out."""
    while True:
        try:
            told = tuple((name, text) for text, name in tuple(_told.items()))
            found = {**dict.fromkeys(STARTED_WITH), **dict.fromkeys(os.environ.items())}
            return (*found, *told)
        except KeyError:  # A job has just taken one out.
            continue


@lru_cache(1)
def _forms(environment: tuple[tuple[str, str], ...]) -> list[str]:
    """Return each secret, the longest first: as it is, quoted for a URL, as Python prints it."""
    forms = set[str]()
    for secret in {one for name, value in environment for one in _secrets(name, value)}:
        for plain in {secret, unquote(secret), unquote_plus(secret)}:
            try:
                quoted = {quote(plain, safe) for safe in ("", "/", " +")} | {quote_plus(plain)}
            except UnicodeEncodeError:  # Bytes that are no text; they travel as surrogates.
                quoted = set()
            quoted |= {re.sub("%..", lambda m: m[0].lower(), one) for one in quoted}
            forms |= quoted | {plain, repr(plain)[1:-1], json.dumps(plain)[1:-1]}
    return sorted(forms, key=len, reverse=True)


def _secrets(name: str, value: str) -> Iterator[str]:
    found = [value.strip()] if _is_secret(name) else []
    for pattern in PASSWORDS:
        found += re.findall(pattern, value)
    found += [m[3] for m in PARAMETER.finditer(value) if _is_secret(m[2])]
    for secret in found:
        is_number = secret.isdecimal() and len(secret) < 6
        if len(secret) > 3 and not is_number and secret.lower() not in SWITCHES:
            yield secret


@lru_cache(1000)
def _is_secret(name: str) -> bool:
    return bool(NAMES.search(name.upper().replace("-", "_").replace(".", "_")))


def _alone(form: str) -> str:
    if len(form) > WORD:
        return re.escape(form)
    return rf"(?:(?<![^\W_])|(?<=%[0-9A-Fa-f][0-9A-Fa-f])){re.escape(form)}(?![^\W_])"
