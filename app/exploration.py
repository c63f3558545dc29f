"""What an address of the explorer asks for: measures, groups, granularity, and how they are drawn. Text in, a frozen
value out, and the questions that go to the query layer. It knows no Streamlit.

What is not stated is chosen; what can't be drawn (a ratio as stacked bars, a year by the minute) is drawn as what can.
"""

from dataclasses import dataclass

from app import drilldown, grains
from app.address import Address
from app.colours import MAX_SERIES
from app.questions import Asked, asked
from models.errors import BadRequest
from models.spend import cubes, dimensions
from models.spend import query as queries
from models.spend.facts import HOUR
from models.spend.latency import BUCKET
from models.spend.measures import MEASURES, Measure
from models.spend.query import DEFAULT_MEASURES, Period

OWN = ("group_by", "granularity", "measures", "order", "limit", "other", "chart", "show")  # besides the filters
ASKED = ("group_by", "granularity", "measures", "compare", "order", "limit", "other")  # of these what the API takes
CHARTS = ("bars", "lines", "area", "treemap", "table")
AMOUNT, SHARE, CUMULATIVE, SPLIT = "amount", "share", "cumulative", "split"
SHOWS = (AMOUNT, SHARE, CUMULATIVE, SPLIT)
SIDES = {"cost": ("input_cost", "output_cost"), "total_tokens": ("input_tokens", "output_tokens")}
MAX_GROUPS = 3  # dimensions
MAX_ROWS = 10_000  # of the table; what is beyond them is one row, and in the download
NEEDED = ("cost", "requests", "unpriced_requests")  # said beside every total


@dataclass(frozen=True)
class Exploration:
    here: Address
    period: Period
    measures: tuple[str, ...]
    group_by: tuple[str, ...]
    granularity: str
    chart: str
    show: str
    limit: int | None
    hourly: bool  # whether a rollup has it by the hour

    @property
    def measure(self) -> Measure:
        """The one that is drawn."""
        return MEASURES[self.measures[0]]

    @property
    def compares(self) -> bool:
        return self.here.get("compare") == "previous"

    @property
    def order(self) -> str:
        """Of the rows, where the address says none by what is drawn."""
        return self.here.get("order") or f"-{self.measure.name}"

    @property
    def rolled_up(self) -> bool:
        by = (HOUR,) if self.granularity == "hour" else ()
        return self.granularity != "minute" and rolled_up(self.here, self.shown, *by)

    @property
    def sides(self) -> tuple[str, ...]:
        """Input and output of the measure that is drawn, where they are to be told apart."""
        return SIDES.get(self.measure.name, ()) if self.show == SPLIT else ()

    @property
    def timed(self) -> bool:
        """Whether it is drawn along the time."""
        return self.granularity != "total" and self.chart in ("bars", "lines", "area")

    @property
    def shown(self) -> tuple[str, ...]:
        """The measures of the table."""
        return tuple(dict.fromkeys([*self.measures[:1], *self.sides, *self.measures[1:]]))

    # -- questions ------------------------------------------------------------------------------------------------

    @property
    def file(self) -> Asked:
        """What the files hold: what the API answers to the address, in the order and the parts that are shown."""
        parts = self.granularity if self.here.get("granularity") or not self.group_by else None
        shown = self.here.put(order=self.order, granularity=parts)
        return shown.asked("last", "from", "to", "where", *ASKED)

    @property
    def members(self) -> Asked:
        """Group by group, over the whole period."""
        return self.folded(self.limit or MAX_ROWS, measures=",".join(self.told), order=self.order)

    @property
    def drawn(self) -> Asked:
        """Those with most of what is drawn, along the time."""
        most = min(self.limit or MAX_SERIES, MAX_SERIES - 1)
        order = self.order if self.order.removeprefix("-") in MEASURES else f"-{self.measure.name}"
        return self.folded(most, measures=priced(self.measure.name), order=order, granularity=self.granularity)

    @property
    def along(self) -> Asked:
        """All of it along the time, and its sides."""
        names = priced(self.measure.name, *self.sides) if self.group_by else ",".join(self.told)
        return asked(self.here, measures=names, granularity=self.granularity, **self.beside)

    def folded(self, limit: int, **more: str) -> Asked:
        groups = {"group_by": ",".join(self.group_by)} if self.group_by else {}
        return asked(self.here, **groups, limit=str(limit), other="true", **self.beside, **more)

    @property
    def told(self) -> tuple[str, ...]:
        """The measures of the table, and what is said of them."""
        return tuple(dict.fromkeys([*self.shown, *NEEDED]))

    @property
    def beside(self) -> dict[str, str]:
        """The period before, which is read call by call only where somebody wants it."""
        return {"compare": "previous"} if self.compares or self.rolled_up else {}


def priced(*measures: str) -> str:
    """With that by which an amount of nothing is told from one that is not known."""
    return ",".join(dict.fromkeys([*measures, "unpriced_requests"]))


def read(here: Address, period: Period) -> Exploration:
    """BadRequest names what can't be asked."""
    checked(here)
    stated = {name: here.all(name) for name in OWN}
    measures = here.names("measures") or DEFAULT_MEASURES
    queries.known(measures, "measures", MEASURES, ", ".join(MEASURES))
    hourly = rolled_up(here, measures, HOUR)
    granularity = queries.one_of(stated, "granularity", queries.GRANULARITIES, "")
    if granularity not in grains.offered(period, hourly):
        granularity = grains.automatic(period, hourly)
    measure = MEASURES[measures[0]]
    chart = fitting(queries.one_of(stated, "chart", CHARTS, ""), charts_of(measure, granularity))
    show = fitting(queries.one_of(stated, "show", SHOWS, ""), shows_of(measure, chart, granularity))
    limit = queries.whole_number(stated, "limit", 1, 1_000_000)
    return Exploration(
        here, period, measures, here.names("group_by"), granularity, chart, show, limit and min(limit, MAX_ROWS), hourly
    )


def fitting(wanted: str, offered: tuple[str, ...]) -> str:
    return wanted if wanted in offered else offered[0]


def charts_of(measure: Measure, granularity: str) -> tuple[str, ...]:
    """Only what adds up is stacked."""
    if granularity == "total":
        return ("bars", "treemap", "table") if measure.additive else ("bars", "table")
    return CHARTS if measure.additive else ("lines", "table")


def shows_of(measure: Measure, chart: str, granularity: str) -> tuple[str, ...]:
    if not measure.additive or granularity == "total" or chart in ("treemap", "table"):
        return (AMOUNT, SPLIT) if measure.name in SIDES and chart == "table" else (AMOUNT,)
    return (AMOUNT, SHARE, CUMULATIVE, *((SPLIT,) if measure.name in SIDES else ()))


def address(found: Address) -> Address:
    """With what is grouped by where an address asks for nothing of its own: a first look, or one that came by a link
    from elsewhere."""
    return found if found.asked(*OWN) else found.put(group_by=drilldown.begun(found))


def ungrouped(here: Address) -> Address:
    """One that asks for no groups says something of its own, or it would be a first look."""
    bare = here.put(group_by=None, limit=None, other=None, order=None)
    return bare if bare.asked(*OWN) else bare.put(chart="bars")


def rolled_up(here: Address, measures: tuple[str, ...], *more: str) -> bool:
    """Whether a rollup has all that rows must have; else they are read call by call."""
    filtered = (each.partition(":")[0].removesuffix("!") for each in here.all("where"))
    columns = {column for name in (*here.names("group_by"), *filtered) if (column := dimensions.column_of(name))}
    buckets = {BUCKET} if any(MEASURES[name].quantile for name in measures) else set()
    return bool(cubes.able({*columns, *buckets, *more}, cubes.BY_ID))


def checked(here: Address) -> Address:
    for name in here.names("group_by"):
        queries.check_dimension(name)
    if len(here.names("group_by")) > MAX_GROUPS:
        raise BadRequest(f"The explorer groups by at most {MAX_GROUPS} dimensions; the API takes more")
    return here
