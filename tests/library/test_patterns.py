"""Regular expressions that wait until they are used."""

import re
from unittest import mock

from clockdyno.patterns import pattern


def test_a_pattern_is_compiled_when_it_is_first_used_and_never_again() -> None:
    with mock.patch.object(re, "compile", wraps=re.compile) as compiled:
        digits = pattern(r"([a-z]+)\d", re.IGNORECASE)
        assert compiled.call_count == 0

        assert digits.fullmatch("A1")[1] == "A"
        assert digits.match("x b2", 2)[0] == "b2"
        assert digits.sub("", "c3!") == "!"
        assert compiled.call_count == 1
