"""How many wrong passwords are heard; in memory, of each web process."""

import threading
import time
from collections import OrderedDict
from ipaddress import ip_address, ip_network

WINDOW = 300  # seconds in which these many wrong guesses are heard:
GUESSES, GUESSES_OF_ALL = 10, 100
ADDRESSES = 10_000


class Throttle:
    """Counts wrong guesses; one that is repeated is no new one, so an old script locks nobody out.

    While guesses come from everywhere, whoever was not let in before has a single one. So the right
    password always opens from a new address, and each further guess costs another address.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since = 0.0
        self._total = 0
        self._wrong: OrderedDict[str, set[int]] = OrderedDict()
        self._welcome: OrderedDict[str, None] = OrderedDict()

    def wait(self, address: str) -> int:
        """Return for how many seconds this address is not heard."""
        place = _place(address)
        with self._lock:
            left = self._since + WINDOW - time.monotonic()
            is_siege = self._total >= GUESSES_OF_ALL and place not in self._welcome
            heard = 1 if is_siege else GUESSES
            held = left > 0 and len(self._wrong.get(place, ())) >= heard
            return int(left) + 1 if held else 0

    def failed(self, address: str, guess: bytes) -> bool:
        """Note a wrong guess; say whether it is a new one."""
        with self._lock:
            if time.monotonic() - self._since >= WINDOW:
                self._since = time.monotonic()
                self._total = 0
                self._wrong.clear()
            before = self._wrong.setdefault(_place(address), set())
            is_new = hash(guess) not in before
            before.add(hash(guess))
            self._total += is_new
            if len(self._wrong) > ADDRESSES:
                self._wrong.popitem(last=False)
            return is_new

    def passed(self, address: str) -> None:
        """Note that somebody there knows the password."""
        place = _place(address)
        with self._lock:
            self._welcome[place] = None
            self._welcome.move_to_end(place)
            if len(self._welcome) > ADDRESSES:
                self._welcome.popitem(last=False)


def _place(address: str) -> str:
    """Return whose address it is: with IPv6 everybody has 2**64 of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found) if found.version == 4 else str(ip_network((str(found), 64), strict=False))
