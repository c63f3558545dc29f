"""How figures are written: money like money, shares, counts, changes, ages. Text only; exact until the last step.

Nothing that cost is ever written `$0.00`, and what is not known is a dash, never a nought.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from models.money import NANO, exact_usd
from models.periods import DAY, HOUR, SECOND, from_us, zone

Meaning = Literal["good", "bad", "neutral"]

UNKNOWN = "–"
MINUS = "−"
NANO_PLACES = 9  # nothing is smaller than a nano-dollar
THIN = "\u202f"  # no-break, between a number and its unit
COMPACT_FROM = 10_000
UNITS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))
MINUTE = 60 * SECOND
BIG_CHANGE = 10  # times; from here on a factor says more than a percentage


def money(nano_usd: int | None) -> str:
    """`$1,847.20`; below a dollar two significant digits: `$0.0024`."""
    if nano_usd is None:
        return UNKNOWN
    dollars = rounded(Decimal(abs(nano_usd)) / NANO)
    return f"{sign(nano_usd)}${dollars:,f}"


def rounded(dollars: Decimal) -> Decimal:
    """Cents, and as many places more as two significant digits take."""
    once = dollars.quantize(places(dollars), ROUND_HALF_UP)
    return once.quantize(places(once), ROUND_HALF_UP)  # 0.0996 was rounded up to 0.100, which is 0.10


def places(dollars: Decimal) -> Decimal:
    wanted = max(2, 1 - dollars.adjusted()) if dollars else 2
    return Decimal(1).scaleb(-min(NANO_PLACES, wanted))


def exact(nano_usd: int | None) -> str:
    """All of it, to the nano-dollar: `$1,847.20`, `$0.000283205`. For what is shown when an amount is pointed at."""
    return UNKNOWN if nano_usd is None else f"{sign(nano_usd)}${exact_usd(abs(nano_usd))}"


def signed_money(nano_usd: int) -> str:
    return f"+{money(nano_usd)}" if nano_usd > 0 else money(nano_usd)


def compact_money(nano_usd: int | None) -> str:
    """`$12.4k` from ten thousand dollars on; for places where there is room for no more."""
    if nano_usd is None or abs(nano_usd) < COMPACT_FROM * NANO:
        return money(nano_usd)
    return f"{sign(nano_usd)}${compact(Decimal(abs(nano_usd)) / NANO)}"


def count(number: int | None) -> str:
    return UNKNOWN if number is None else f"{sign(number)}{abs(number):,}"


def compact_count(number: int | None) -> str:
    if number is None or abs(number) < COMPACT_FROM:
        return count(number)
    return f"{sign(number)}{compact(Decimal(abs(number)))}"


def compact(number: Decimal) -> str:
    """Three significant digits and a unit; 999,950 is 1.00M, never 1,000k."""
    size = Decimal(f"{number:.3g}")
    unit, letter = next(each for each in UNITS if size >= each[0])
    scaled = size / unit
    return f"{scaled.quantize(Decimal(1).scaleb(min(0, scaled.adjusted() - 2))):f}{letter}"


def sign(number: int) -> str:
    return MINUS if number < 0 else ""


def percent(ratio: float | None) -> str:
    """`13.1 %`; something small is `<0.1 %`, never nothing."""
    if ratio is None:
        return UNKNOWN
    if 0 < abs(ratio) < 0.001:
        return f"{'<' if ratio > 0 else '>' + MINUS}0.1{THIN}%"
    return f"{MINUS if ratio < 0 else ''}{abs(ratio) * 100:,.1f}{THIN}%"


def whole_percent(ratio: float | None) -> str:
    """`76 %`, for lists; a little is never nothing, and nearly all is not all."""
    if ratio is None or ratio < 0:
        return percent(ratio)
    if 0 < ratio < 0.01:
        return f"<1{THIN}%"
    return f">99{THIN}%" if 0.995 <= ratio < 1 else f"{ratio * 100:.0f}{THIN}%"


@dataclass(frozen=True)
class Change:
    """How a figure moved, in words, and whether that is good news."""

    text: str
    meaning: Meaning


def change(now: int, before: int, less_is_better: bool | None = None) -> Change | None:
    """Against the period before; None where that had nothing to compare with. Without an opinion it is neutral."""
    if before <= 0:  # of a loss nothing is a percentage
        return None
    ratio = (now - before) / before
    if f"{abs(ratio) * 100:.1f}" == "0.0":
        return Change(f"±0{THIN}%", "neutral")
    meaning: Meaning = "neutral" if less_is_better is None else "good" if (now < before) == less_is_better else "bad"
    return Change(f"{now / before:,.0f}×" if ratio >= BIG_CHANGE else signed_percent(ratio), meaning)


def moved(now: int, before: int, less_is_better: bool | None = None) -> Change | None:
    """The same of money, the amount first: `+$214.30 (13.1 %)`."""
    found = change(now, before, less_is_better)
    if found is None or now == before:
        return found
    return Change(f"{signed_money(now - before)} ({found.text.lstrip(f'+{MINUS}')})", found.meaning)


def signed_percent(ratio: float) -> str:
    return f"+{percent(ratio)}" if ratio > 0 else percent(ratio)


def moment(instant_us: int, timezone: str) -> str:
    """`21 Nov 2026, 12:00:04`, as clocks in that zone show it."""
    return f"{from_us(instant_us).astimezone(zone(timezone)):%-d %b %Y, %H:%M:%S}"


def short_moment(instant_us: int, timezone: str) -> str:
    """`21 Nov 12:00:04`, where the year is plain."""
    return f"{from_us(instant_us).astimezone(zone(timezone)):%-d %b %H:%M:%S}"


def ago(instant_us: int, now_us: int) -> str:
    """`2 s ago`, `5 min ago`, `3 h ago`, `12 days ago`; what is not past yet is now."""
    age = max(0, now_us - instant_us)
    if age < MINUTE:
        return f"{age // SECOND}{THIN}s ago"
    if age < HOUR:
        return f"{age // MINUTE}{THIN}min ago"
    if age < 2 * DAY:
        return f"{age // HOUR}{THIN}h ago"
    return f"{age // DAY} days ago"
