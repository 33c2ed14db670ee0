"""Collect the answers of `new`: command line over answers file over prompt over default."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from herokuclock.errors import REFUSED, Back, HerokuclockError
from herokuclock.new.questions import QUESTIONS, Answer, Question, check_answers_keys


class Ask(Protocol):
    """Asks a person one question, who may be told what was answered before."""

    def __call__(self, question: Question, default: Any, so_far: Mapping[str, Answer]) -> Any: ...


def collect(
    given: Mapping[str, Any], file: Path | None, *, yes: bool, ask: Ask | None
) -> dict[str, Answer]:
    """Return a checked answer to every question, each with its source.

    `given` comes from the command line; `ask` is None where there is no terminal, and then a
    missing answer without `yes` is a usage error that names the flag.
    """
    from_file = read(file) if file else {}
    answers: dict[str, Answer] = {}
    asked: list[int] = []
    number = 0
    while number < len(QUESTIONS):
        question = QUESTIONS[number]
        found = _told(question, given, from_file, str(file), yes=yes, settled=ask is None)
        if found is None:
            assert ask is not None
            try:
                found = asked_again(question, answers, ask)
            except Back as back:
                if back.kept:
                    answers[question.key] = Answer(question.check(back.kept), "you")
                number = asked.pop() if asked else number
                continue
            asked.append(number)
        answers[question.key] = found
        number += 1
    return answers


def asked_again(question: Question, answers: Mapping[str, Answer], ask: Ask) -> Answer:
    """Ask a question; what was answered before, else its default, is what Enter takes."""
    before = answers.get(question.key)
    if before:
        default, source = in_asked_form(before.value), before.source
    else:
        default, source = question.default() if question.default else (None, "")
    value = question.check(ask(question, default, answers))
    kept = default is not None and value == question.check(default)
    return Answer(value, source if kept else "you")


def in_asked_form(value: Any) -> Any:
    """Return a checked answer in the form in which it is asked for."""
    return {job.name: job.when for job in value} if isinstance(value, tuple) else value


def _told(
    question: Question,
    given: Mapping[str, Any],
    from_file: Mapping[str, Any],
    file: str,
    *,
    yes: bool,
    settled: bool,
) -> Answer | None:
    """Return what needs no asking; None for what does, and an error where nobody can be asked."""
    if given.get(question.key) is not None:
        return Answer(question.check(given[question.key]), "the command line")
    if question.key in from_file:
        try:
            return Answer(question.check(from_file[question.key]), file)
        except REFUSED as error:
            raise HerokuclockError(f"{file}: {error.message}", error.hint, code=2) from None
    if question.default and (yes or (settled and question.is_settled)):
        value, source = question.default()
        return Answer(question.check(value), source)
    if settled or yes:
        raise HerokuclockError(
            f"{question.flag} is missing, and there is nobody to ask.",
            f"Give {question.flag}" + (", or --yes for the defaults." if question.default else "."),
            code=2,
        )
    return None


def read(path: Path) -> dict[str, Any]:
    """Read an answers file, TOML or JSON by its ending; raise HerokuclockError for a bad one."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise HerokuclockError(
            f"cannot read {str(path)!r}: {reason}.", "Give the path of a TOML or JSON file.", code=2
        ) from None
    try:
        if path.suffix == ".json":
            answers = json.loads(text, object_pairs_hook=_no_twins)
        else:
            import tomllib

            answers = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise HerokuclockError(
            f"{str(path)!r} is no valid {'JSON' if path.suffix == '.json' else 'TOML'}: {error}.",
            'A file of one line is enough: timezone = "Europe/Berlin".',
            code=2,
        ) from None
    if not isinstance(answers, dict):
        raise HerokuclockError(
            f"{str(path)!r} holds no table.", "Write keys and values: name, timezone ...", code=2
        )
    check_answers_keys(answers, str(path))
    return answers


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, as TOML does: JSON would silently keep the last one."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found
