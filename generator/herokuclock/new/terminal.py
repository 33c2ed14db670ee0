"""How one thing is asked at a terminal: a line of text or a choice, and a way back."""

import shutil
import sys
from collections.abc import Callable, Mapping
from textwrap import fill
from typing import Any

import questionary
from prompt_toolkit.filters import to_filter

from herokuclock.errors import REFUSED, Back, HerokuclockError

BACK = "<"
HINT = f"Enter takes what stands in brackets, {BACK} goes one question back, Ctrl-C leaves."


def text(prompt: str, check: Callable[[str], Any], default: str = "", *, back: bool = True) -> str:
    """Ask for a line that passes `check`; Enter takes the default, where there is one."""
    shown = f"{prompt} (Enter: {default})" if default else prompt
    valid = _validator(check, empty=bool(default), back=back)
    asked = questionary.text(shown, validate=valid, validate_while_typing=False)
    return _answer(_below(asked), back) or default


def from_list(prompt: str, check: Callable[[str], Any], default: str, choices: list[str]) -> str:
    """Ask for one of many words, which are offered while somebody types."""
    asked = questionary.autocomplete(
        f"{prompt} (Enter: {default})",
        choices=choices,
        validate=_validator(check, empty=True, back=True),
        validate_while_typing=False,
    )
    return _answer(_below(asked), True) or default


def choose(prompt: str, choices: Mapping[str, str], default: str, *, back: bool = True) -> str:
    """Ask for one of a few; `choices` holds what each is called by what it means to us."""
    listed = [questionary.Choice(title, value) for value, title in choices.items()]
    listed += [questionary.Choice(f"{BACK} back", BACK)] if back else []
    return _answer(questionary.select(prompt, listed, default=default), back)


def go_ahead() -> None:
    """Ask whether to do what was shown; raise HerokuclockError for a no, and where nobody is."""
    if not sys.stdin.isatty():
        raise HerokuclockError(
            "There is no terminal to ask at.", "Add --yes to do it, --dry-run to see it.", code=2
        )
    if not _unsafe(questionary.confirm("Go ahead?", default=False)):
        raise HerokuclockError("Nothing was done.")


def typed(question: str) -> str:
    """Ask for a line of text, whatever it is."""
    return str(_unsafe(questionary.text(question)))


def _answer(question: questionary.Question, back: bool) -> str:
    given = str(_unsafe(question))
    if back and given.strip() == BACK:
        raise Back
    return given


def _below(question: questionary.Question) -> questionary.Question:
    """Show an error right below what was typed, on as many lines as it needs."""
    # By itself it gets one line, cut off at the width, at the bottom of the terminal.
    for window in question.application.layout.find_all_windows():
        window.dont_extend_height = to_filter(True)
        if window.height == 1:
            window.height = None
    return question


def _validator(
    check: Callable[[str], Any], *, empty: bool, back: bool
) -> Callable[[str], bool | str]:
    def valid(given: str) -> bool | str:
        if (empty and not given) or (back and given.strip() == BACK):
            return True
        try:
            check(given)
        except REFUSED as error:
            width = shutil.get_terminal_size().columns
            return "\n".join(fill(line, width) for line in (error.message, error.hint) if line)
        return True

    return valid


def _unsafe(question: questionary.Question) -> Any:
    # `ask()` would print its own words on Ctrl-C and return None; the command line owns that case.
    try:
        return question.unsafe_ask()
    except EOFError:  # Ctrl-D, or a terminal that is gone.
        raise KeyboardInterrupt from None
