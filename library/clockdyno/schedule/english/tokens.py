"""A sentence about time, cut into tokens that are read one after the other."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, NoReturn, TypeVar

from clockdyno.schedule.english import vocabulary
from clockdyno.schedule.refusal import Misread, closest, quote

Value = TypeVar("Value")
MOST_CORRECTIONS = 4

TOKEN = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9]))(?:t(?=[0-9]))?"
    r"|(?P<time>[0-9]{1,2}(?::[0-9]{2}){1,2}(?![0-9:]))"
    r"|(?P<past>:[0-9]{2}(?![0-9:]))"
    r"|(?P<ordinal>[0-9]{1,2}(?:st|nd|rd|th)(?![a-z]))"
    r"|(?P<number>[0-9]+)"
    r"|(?P<zone>[a-z_]+(?:/[a-z0-9_+-]+)+)"
    r"|(?P<half>[ap]\.?m\.?(?![a-z]))"
    r"|(?P<word>[^\W\d_]+(?:'[a-z]+)?)"
    r"|(?P<mark>[,&-])"
)


class Token(NamedTuple):
    """One piece of the sentence, in lower case, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


class Sentence:
    """The tokens of a text, and how far they have been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0
        self.after_link = False

    def peek(self, ahead: int = 0) -> Token:
        """The token to be read next, or the one after it; kind 'end' behind the last."""
        index = self.at + ahead
        size = len(self.text)
        return self.tokens[index] if index < len(self.tokens) else Token("end", "", size, size)

    def take(self, *texts: str) -> str:
        """Read the next token if it is one of these; else read nothing."""
        text = self.peek().text
        found = text if text in texts else ""
        self.at += bool(found)
        return found

    def take_kind(self, kind: str) -> str:
        """Read the next token if it is of this kind; else read nothing."""
        return self.take(self.peek().text) if self.peek().kind == kind else ""

    def listed(self, item: Callable[["Sentence"], Value | None]) -> list[Value]:
        """Items with commas and 'and' between them; what follows the last one stays unread."""
        found: list[Value] = []
        while True:
            before = self.at
            if found and not (self.take(",", "&", "and") and (self.take("and") or True)):
                return found
            value = item(self)
            if value is None:
                self.at = before
                return found
            found.append(value)

    def refuse(
        self, reason: str, readings: Iterable[str] = (), *, token: Token | None = None
    ) -> NoReturn:
        """End here: say at which character, and why."""
        raise Misread(f"character {(token or self.peek()).start + 1}: {reason}", readings)

    def replaced(self, token: Token, text: str) -> str:
        """The sentence with other words in the place of this token."""
        return f"{self.text[: token.start]}{text}{self.text[token.end :]}"

    def refuse_unknown(self) -> NoReturn:
        """End here: the next token fits nowhere; offer the words that look like it."""
        token = self.peek()
        if token.kind == "end":
            self.refuse("the sentence ends too early")
        if token.text in vocabulary.REFUSED:
            reason, examples = vocabulary.REFUSED[token.text]
            raise Misread(
                f"character {token.start + 1}: {quote(token.text)}: {reason}", examples=examples
            )
        self.refuse(f"{quote(token.text)} is not understood here", self._readings(token))

    def _readings(self, token: Token) -> Iterator[str]:
        """What the sentence could have been, without the trouble at this token."""
        yield self._corrected()
        yield _with_colons(self.text)
        yield self.replaced(token, f"at {token.text}")
        yield f"every {self.text}"

    def _corrected(self) -> str:
        """The sentence with the known word nearest to each of the first few unknown ones."""
        text = self.text
        unknown = [t for t in self.tokens if t.kind == "word" and t.text not in vocabulary.KNOWN]
        for token in reversed(unknown[:MOST_CORRECTIONS]):
            near = closest(token.text, vocabulary.KNOWN)
            text = f"{text[: token.start]}{(near or [token.text])[0]}{text[token.end :]}"
        return text


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    lower = "".join(c.lower() if c.isascii() else c for c in text)
    while position < len(lower):
        if lower[position] in " ()":
            position += 1
            continue
        match = TOKEN.match(lower, position)
        if not match:
            rest = quote(text[position:].split()[0])
            reason = f"character {position + 1}: {rest} is not understood here"
            raise Misread(reason, [_with_colons(text)])
        kind = str(match.lastgroup)
        yield Token(kind, match[kind].replace(".", ""), position, match.end())
        position = match.end()


def _with_colons(text: str) -> str:
    """9.30 and 9h30 as 9:30."""
    return re.sub(r"([0-9])[.h]([0-9]{2})", r"\1:\2", text)
