"""The marks that the pictures are made of. Plain strings: a page has a thousand of them."""

from functools import lru_cache
from html import escape

_name = lru_cache(64)(escape)  # A state is the name of its looks.


def bar(state: str, x: str, y: float, width: str, height: float) -> str:
    """Return a run that has a length."""
    place = f'x="{x}" y="{y:.1f}" width="{width}" height="{height:.1f}"'
    return f'<rect class="{_name(state)}" {place} rx="1.5"/>'


def sign(state: str, x: str, y: float, dx: float = 0) -> str:
    """Return the shape that a state has beside its colour."""
    name = _name(state)
    if not dx:
        return f'<use class="{name}" href="#mark-{name}" x="{x}" y="{y:g}"/>'
    use = f'<use class="{name}" href="#mark-{name}" x="{dx}" y="{y:g}"/>'
    return f'<svg x="{x}" overflow="visible">{use}</svg>'


def link(href: str, told: str, shape: str) -> str:
    """Return a shape that leads somewhere and says on hover what it is; Tab passes over it."""
    return f'<a href="{escape(href)}" tabindex="-1"><title>{escape(told)}</title>{shape}</a>'
