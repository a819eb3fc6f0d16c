"""The vocabulary of the demo: what the demo orders may say, and so the labels the practice board knows.

The orders and the board's labels are both drawn from here, so every order that is not wrong on purpose finds
its labels on the board. The brands with their styles are in `data_brands`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ORDER_TYPES = ("BULK", "REORDER", "REPLENISHMENT", "SMS", "TOP UP")
DROPS = ("DROP 1", "DROP 2", "DROP 3", "DROP 4")
CATEGORIES = (
    "ACCESSORIES",
    "ACTIVEWEAR",
    "BOTTOMS",
    "DENIM",
    "DRESSES",
    "INTIMATES",
    "KIDS",
    "KNITWEAR",
    "LOUNGEWEAR",
    "OUTERWEAR",
    "SWIMWEAR",
    "TOPS",
)
DELIVERY_TERMS = ("CIF", "DAP", "DDP", "EXW", "FCA", "FOB")
UNITS_OF_MEASURE = ("EACH", "PAIR", "SET", "PACK")
SEASON_YEARS = range(2025, 2032)
SEASON_HALVES = {"SS": "SPRING", "FW": "FALL"}
CUSTOMER_SEASON_STYLES = ("{half}{short}", "{name} {year}", "{half} {year}", "{name} {short}")
"""How brands write a season: SS27, SPRING 2027, SS 2027, SPRING 27."""
COUNTRIES_OF_ORIGIN = ("CHINA", "VIETNAM", "INDIA", "PERU", "TURKEY", "PORTUGAL", "SRI LANKA")
FABRICS = {
    "COT": "cotton",
    "POL": "polyester",
    "NYL": "nylon",
    "VIS": "viscose",
    "WOL": "wool",
    "LIN": "linen",
    "DEN": "denim",
}

US_DUTY_RATES = {
    "4202.92.3020": Decimal("0.176"),
    "6104.63.2011": Decimal("0.282"),
    "6105.10.0010": Decimal("0.197"),
    "6105.20.2010": Decimal("0.32"),
    "6106.10.0010": Decimal("0.197"),
    "6108.31.0010": Decimal("0.085"),
    "6109.10.0040": Decimal("0.165"),
    "6110.20.2010": Decimal("0.165"),
    "6110.30.3053": Decimal("0.32"),
    "6111.20.6070": Decimal("0.081"),
    "6112.41.0010": Decimal("0.249"),
    "6115.95.9000": Decimal("0.135"),
    "6117.10.2010": Decimal("0.096"),
    "6201.40.7000": Decimal("0.071"),
    "6203.42.4011": Decimal("0.166"),
    "6203.43.9010": Decimal("0.279"),
    "6204.44.4010": Decimal("0.16"),
    "6204.62.8011": Decimal("0.166"),
    "6211.12.1010": Decimal("0.118"),
    "6212.10.9020": Decimal("0.169"),
    "6505.00.8090": Decimal("0.068"),
}
"""US duty as a fraction of the price, by HS code; near the real ones, no advice for customs."""

SIZE_SCALES: dict[str, tuple[str, ...]] = {
    "alpha": ("XS", "S", "M", "L", "XL", "XXL", "3XL"),
    "alpha tall": ("XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL", "4XT"),
    "alpha petite": ("XS-PETITE", "S-PETITE", "XS", "S", "M", "L", "XL"),
    "australian": ("04/XXS", "06/XS", "08/S", "10/M", "12/L", "14/XL", "16/XXL", "18/XXXL"),
    "bra": tuple(f"{band}{cup}" for band in (32, 34, 36, 38) for cup in ("C", "D", "DD", "DDD")),
    "cup": ("AB/S", "AB/M", "CD/S", "CD/M", "CD/L", "CD/XL", "D/S", "D/M", "D/L", "D/XL", "D/XXL"),
    "denim": (
        *(f"{waist}/{inseam}" for waist in (*range(30, 37), 38, 40) for inseam in (30, 32)),
        *("32/34", "34/34", "36/34", "38/34", "32/36", "38/36"),
        *map(str, range(42, 61, 2)),
    ),
    "denim slim": tuple(f"{waist}x{inseam}" for waist in range(32, 41, 2) for inseam in (30, 32, 34)),
    "dual": ("S(6-8)", "M(10-12)", "L(14-16)"),
    "infant": ("0-3M", "3-6M", "6-9M", "9-12M", "12-18M", "18-24M"),
    "months": ("3/6 MTHS", "6/12 MTHS", "12/18 MTHS", "18/24 MTHS"),
    "one size": ("ONE SIZE",),
    "plus": ("1X", "2X", "3X", "4X"),
    "toddler": ("2T", "3T", "4T", "5T", "6T"),
    "waist": (*map(str, range(28, 37)), "38", "40", "42"),
    "women numeric": tuple(map(str, range(0, 25, 2))),
    "years": ("3-4 years", "5-6 years", "7-8 years", "9-10 years", "11-12 years", "13-14 years"),
}
"""Sizes in the order they are cut. All are size columns of the order list."""

NOTES = (
    'Ship complete: the customer writes "no partials".',
    "Care label in EN, FR and DE.\nHangtag on FSC® card.\nPolybag with warning text.",
    "PP sample approved ✅, bulk may start 🧵",
    "Colour by lab dip B2; don't use dip A.",
    "Motif « café crème »: repeat of 64 cm, tolerance ±0.5 cm",
    "面料已确认, fabric confirmed",
    "Cartons ≤ 18 kg; mixed sizes allowed in the last carton only",
    "See page 2 of the order: 50% now, 50% with DROP 2 <subject to fabric>",
    "Größenspiegel geprüft; Maße laut Tabelle 3\\4",
    "Tab\tseparated text pasted from a spreadsheet",
)
PRICE_NOTES = (
    "Price holds from 300 pieces a colour",
    "Incl. embroidery (2 places)",
    "Trim upcharge €0.12 a piece",
    'Target price, "final" after costing',
    "Repeat price of last season",
)


@dataclass(frozen=True, slots=True)
class Style:
    """One style of a brand, as its customer names it."""

    code: str
    description: str
    category: str
    fabric: str
    """A key of `FABRICS`."""
    hs_code: str
    scale: str
    """A key of `SIZE_SCALES`."""
    ex_works: str
    """USD a piece, before fees."""
    unit: str = "EACH"

    @property
    def sizes(self) -> tuple[str, ...]:
        """Its sizes in the order they are cut."""
        return SIZE_SCALES[self.scale]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a brand has its goods sent."""

    country: str
    warehouse: str
    delivery_terms: str
    method: str
    transit_days: int


@dataclass(frozen=True, slots=True)
class Brand:
    """One customer of the demo, with the number of orders and lines it has whatever the seed."""

    name: str
    source_name: str
    """The name as the customer's own order list spells it."""
    code: str
    orders: int
    lines: int
    lines_per_order: tuple[int, int]
    """Fewest and most; a style with fewer sizes has fewer."""
    po_numbers: tuple[str, ...]
    season_style: str
    collections: tuple[str, ...]
    gender: str
    colours: tuple[str, ...]
    styles: tuple[Style, ...]
    destinations: tuple[Destination, ...]


def season_of(ex_factory: date) -> tuple[str, int]:
    """Half and year of the season that goods leaving the factory on this day belong to: SS 2027, FW 2027."""
    first_spring_month, first_fall_month = 9, 3
    if ex_factory.month >= first_spring_month:
        return "SS", ex_factory.year + 1
    return ("FW" if ex_factory.month >= first_fall_month else "SS"), ex_factory.year


def season_name(half: str, year: int) -> str:
    """A season as the order list names it: `2027 SS`."""
    return f"{year} {half}"


def customer_season_name(style: str, half: str, year: int) -> str:
    """A season as a brand names it; `style` is one of `CUSTOMER_SEASON_STYLES`."""
    return style.format(half=half, name=SEASON_HALVES[half], year=year, short=year % 100)
