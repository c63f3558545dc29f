"""How often somebody may get it wrong within a window that moves: so many failures for one account from one address, so
many from one address, and, since addresses are many, so many for one account. The last is far higher: whoever would
shut out others has to guess from many addresses, and nobody is shut out from where only they are.

Who is over it is refused before anything is hashed, and refusals do not count: the window passes, and no account is
shut for good. It is counted in this process and in bounded memory, with the time as an argument; the `limits` library's
memory keeps every name that was ever tried, and has a clock of its own.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock

from models import periods
from models.errors import StoreUnavailable, TooManyRequests, Unauthorized

MAX_NAMES = 20_000  # that are remembered: some 20 MB at most
MINUTE = 60 * periods.SECOND


@dataclass
class Window:
    """The instants at which each name has used up one of its tries, the oldest first."""

    tries: int
    within_us: int
    used: OrderedDict[bytes, list[int]] = field(default_factory=OrderedDict)

    def wait_us(self, name: str, now_us: int) -> int:
        """How long until that name may try again; 0 where it may now."""
        instants = self.used.get(key(name), [])
        while instants and instants[0] <= now_us - self.within_us:
            instants.pop(0)
        return instants[0] + self.within_us - now_us if len(instants) >= self.tries else 0

    def take(self, name: str, now_us: int) -> None:
        self.used.setdefault(key(name), []).append(now_us)
        self.used.move_to_end(key(name))
        while len(self.used) > MAX_NAMES:
            self.used.popitem(last=False)

    def give_back(self, name: str) -> None:
        """The latest of its tries did no harm."""
        instants = self.used.get(key(name))
        if instants:
            instants.pop()
        if not instants:
            self.forget(name)

    def forget(self, name: str) -> None:
        self.used.pop(key(name), None)


def key(name: str) -> bytes:
    """Of one size, however long the name is that somebody made up."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass
class Attempts:
    """Of one process. A try is taken before it is made, so that many at once can't go beyond the limit together."""

    pairs: Window = field(default_factory=lambda: Window(10, 15 * MINUTE))
    accounts: Window = field(default_factory=lambda: Window(100, 15 * MINUTE))
    addresses: Window = field(default_factory=lambda: Window(50, 15 * MINUTE))
    signups: Window = field(default_factory=lambda: Window(10, 60 * MINUTE))
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def at(self, email: str, address: str | None, now_us: int) -> Iterator[None]:
        """One try at that account's password: Unauthorized out of the block is a failure, its end a success."""
        account, place = email.strip().lower(), place_of(address)
        pair = f"{account} {place}"
        self.take(now_us, (self.pairs, pair), (self.accounts, account), (self.addresses, place))
        try:
            yield
        except Unauthorized:
            raise
        except StoreUnavailable:
            self.give_back((self.pairs, pair), (self.accounts, account), (self.addresses, place))
            raise
        with self.lock:  # they have proved who they are
            self.pairs.forget(pair)
        self.give_back((self.accounts, account), (self.addresses, place))

    def forgive(self, email: str, address: str | None) -> None:
        """Whatever was tried at that account, there and elsewhere: it has another password now."""
        account = email.strip().lower()
        with self.lock:
            self.accounts.forget(account)
            self.pairs.forget(f"{account} {place_of(address)}")

    def sign_up(self, address: str | None, now_us: int) -> None:
        """One account to be made from that address. Accounts that are made count: nobody makes a thousand."""
        self.take(now_us, (self.signups, place_of(address)))

    def take(self, now_us: int, *wanted: tuple[Window, str]) -> None:
        with self.lock:
            wait = max(window.wait_us(name, now_us) for window, name in wanted)
            if wait:
                raise too_many(wait)
            for window, name in wanted:
                window.take(name, now_us)

    def give_back(self, *taken: tuple[Window, str]) -> None:
        with self.lock:
            for window, name in taken:
                window.give_back(name)


def too_many(wait_us: int) -> TooManyRequests:
    minutes = -(-wait_us // MINUTE)
    when = "in a minute" if minutes == 1 else f"in {minutes} minutes"
    return TooManyRequests(f"Too many attempts: try again {when}", -(-wait_us // periods.SECOND))


def place_of(address: str | None) -> str:
    """One subscriber's: of IPv6 they have a /64 at least."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((int(found), 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
