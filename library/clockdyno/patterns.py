"""Regular expressions that are compiled when they are first used: a text meets few of them."""

import re
from typing import Any, cast


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._text, self._flags)
        vars(self).update({each: getattr(compiled, each) for each in dir(compiled)})
        return getattr(compiled, name)


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` does, later."""
    return cast("re.Pattern[str]", _Pattern(text, flags))
