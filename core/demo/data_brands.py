"""The customers of the demo: their styles, colours, destinations and how many orders each has pending."""

from core.demo.catalogue import CUSTOMER_SEASON_STYLES, Brand, Destination, Style

_HALF_YEAR, _NAME_YEAR, _HALF_LONG_YEAR, _NAME_SHORT_YEAR = CUSTOMER_SEASON_STYLES

_LOS_ANGELES = Destination("USA", "LOS ANGELES DC", "DDP", "SEA", 28)
_NEW_JERSEY = Destination("USA", "NEW JERSEY 3PL", "FOB", "SEA", 36)
_DALLAS = Destination("USA", "DALLAS DC", "DDP", "AIR", 9)
_SYDNEY = Destination("AUS", "SYDNEY DC", "FOB", "SEA", 21)
_LONDON = Destination("UK", "LONDON GATEWAY", "DAP", "SEA", 34)
_TORONTO = Destination("CAN", "TORONTO DC", "FCA", "AIR", 8)
_ROTTERDAM = Destination("EU", "ROTTERDAM DC", "CIF", "SEA", 33)
_PARIS = Destination("EU", "PARIS NORD", "EXW", "AIR", 6)

GREYSON = Brand(
    name="GREYSON CLOTHIERS",
    source_name="GREYSON",
    code="GRY",
    orders=69,
    lines=317,
    lines_per_order=(2, 7),
    po_numbers=("4755",),
    season_style=_NAME_YEAR,
    collections=("Fairway Capsule", "Wolf Mountain"),
    gender="MENS",
    colours=("ARCTIC", "SHEPHERD", "MALTESE BLUE", "LIGHT GREY HEATHER", "BLACK", "MOSS"),
    styles=(
        Style("GMK4001", "CAYUGA POLO", "TOPS", "COT", "6105.10.0010", "alpha", "11.40"),
        Style("GMK4002", "SARANAC POLO", "TOPS", "POL", "6105.20.2010", "alpha", "10.85"),
        Style("GMK4010", "TALA QUARTER ZIP", "KNITWEAR", "POL", "6110.30.3053", "alpha", "16.20"),
        Style("GMK4011", "SIASCONSET HOODIE", "KNITWEAR", "COT", "6110.20.2010", "alpha", "18.75"),
        Style("GMW5001", "MONTAUK TROUSER", "BOTTOMS", "POL", "6203.43.9010", "waist", "15.10"),
        Style("GMW5002", "AMAGANSETT PANT", "BOTTOMS", "COT", "6203.42.4011", "waist", "14.60"),
        Style("GMW5003", "HAMPTON SHORT", "BOTTOMS", "POL", "6203.43.9010", "waist", "12.30"),
        Style("GMJ6001", "YUKON VEST", "OUTERWEAR", "NYL", "6201.40.7000", "alpha", "24.50"),
        Style("GMJ6002", "CHERONKEE JACKET", "OUTERWEAR", "NYL", "6201.40.7000", "alpha", "31.90"),
        Style("GMK4020", "GUIDE SPORT TEE", "TOPS", "COT", "6109.10.0040", "alpha", "6.95"),
        Style("GMK4021", "KNOX LONG SLEEVE", "TOPS", "COT", "6109.10.0040", "alpha", "8.40"),
        Style("GMW5010", "SEQUOIA JOGGER", "BOTTOMS", "POL", "6203.43.9010", "alpha", "13.75"),
    ),
    destinations=(_NEW_JERSEY,),
)

SUMMERSALT = Brand(
    name="SUMMERSALT",
    source_name="Summersalt",
    code="SUM",
    orders=72,
    lines=520,
    lines_per_order=(3, 13),
    po_numbers=("PO-20417", "PO-20431", "PO-20466"),
    season_style=_NAME_SHORT_YEAR,
    collections=("Sea Change", "Long Weekend", "Core Swim"),
    gender="WOMENS",
    colours=("SEA URCHIN", "LAVA", "MIDNIGHT", "PAPAYA / SORBET", "BLACK", "PALM"),
    styles=(
        Style("SW-1101", "SIDESTROKE ONE PIECE", "SWIMWEAR", "NYL", "6112.41.0010", "women numeric", "13.20"),
        Style("SW-1102", "RUCHED BACKFLOAT", "SWIMWEAR", "NYL", "6112.41.0010", "women numeric", "14.05"),
        Style("SW-1140", "HIGH LEG BOTTOM", "SWIMWEAR", "NYL", "6112.41.0010", "women numeric", "6.80"),
        Style("SW-1141", "DIVE BIKINI TOP", "SWIMWEAR", "NYL", "6112.41.0010", "women numeric", "8.10"),
        Style("SW-2001", "COVER UP SHIRT", "TOPS", "LIN", "6211.12.1010", "alpha", "11.60"),
        Style("SW-2002", "PERFECT PYJAMA SET", "LOUNGEWEAR", "VIS", "6108.31.0010", "alpha", "15.45", "SET"),
    ),
    destinations=(_LOS_ANGELES, _NEW_JERSEY),
)

WHITE_FOX = Brand(
    name="WHITE FOX",
    source_name="WHITE FOX",
    code="WFX",
    orders=88,
    lines=412,
    lines_per_order=(3, 8),
    po_numbers=("WF-77120", "WF-77134", "WF-77151", "WF-77163"),
    season_style=_HALF_YEAR,
    collections=("Off Duty", "After Dark"),
    gender="WOMENS",
    colours=("BONE", "ICE BLUE", "CHOCOLATE", "BLACK", "CHERRY", "SAGE", "LILAC", "OATMEAL MARLE"),
    styles=(
        Style("WFX-LOUNGE-01", "OVERSIZED HOODIE", "LOUNGEWEAR", "COT", "6110.20.2010", "dual", "12.90"),
        Style("WFX-LOUNGE-02", "WIDE LEG SWEATPANT", "LOUNGEWEAR", "COT", "6104.63.2011", "alpha", "11.75"),
        Style("WFX-DRESS-11", "HALTER MAXI DRESS", "DRESSES", "VIS", "6204.44.4010", "australian", "15.30"),
        Style("WFX-DRESS-12", "BACKLESS MINI DRESS", "DRESSES", "POL", "6204.44.4010", "australian", "12.10"),
        Style("WFX-TOP-21", "RIBBED BODYSUIT", "TOPS", "COT", "6109.10.0040", "alpha", "6.25"),
        Style("WFX-TOP-22", "OFF SHOULDER TOP", "TOPS", "VIS", "6106.10.0010", "australian", "7.85"),
        Style("WFX-PANT-31", "LOW RISE CARGO", "BOTTOMS", "COT", "6204.62.8011", "australian", "13.55"),
    ),
    destinations=(_SYDNEY, _LOS_ANGELES),
)

COPPER_RIDGE = Brand(
    name="COPPER RIDGE DENIM",
    source_name="Copper Ridge",
    code="CRD",
    orders=34,
    lines=640,
    lines_per_order=(8, 34),
    po_numbers=("4500018821", "4500018874"),
    season_style=_HALF_LONG_YEAR,
    collections=("Selvedge", "Workwear"),
    gender="MENS",
    colours=("RAW INDIGO", "MID WASH", "BLACK RINSE", "ECRU"),
    styles=(
        Style("CR-501S", "STRAIGHT JEAN 13 OZ", "DENIM", "DEN", "6203.42.4011", "denim", "17.80"),
        Style("CR-502T", "TAPERED JEAN", "DENIM", "DEN", "6203.42.4011", "denim", "16.95"),
        Style("CR-511", "SLIM JEAN", "DENIM", "DEN", "6203.42.4011", "denim slim", "16.40"),
        Style("CR-620", "CARPENTER PANT", "BOTTOMS", "COT", "6203.42.4011", "denim", "18.60"),
        Style("CR-640", "DENIM SHORT", "DENIM", "DEN", "6203.42.4011", "waist", "12.70"),
    ),
    destinations=(_DALLAS, _TORONTO),
)

PETAL_AND_PINE = Brand(
    name="PETAL & PINE KIDS",
    source_name="Petal & Pine",
    code="PPK",
    orders=46,
    lines=202,
    lines_per_order=(3, 6),
    po_numbers=("PP/2611/08", "PP/2611/15"),
    season_style=_HALF_YEAR,
    collections=("Little Meadow", "Rainy Days"),
    gender="KIDS",
    colours=("BUTTERCUP", "SKY", "FERN", "ROSE", "NATURAL"),
    styles=(
        Style("PP1001", "ORGANIC ROMPER", "KIDS", "COT", "6111.20.6070", "infant", "5.40"),
        Style("PP1002", "FOOTED SLEEPSUIT", "KIDS", "COT", "6111.20.6070", "months", "5.95"),
        Style("PP2001", "TODDLER DUNGAREE", "KIDS", "COT", "6203.42.4011", "toddler", "9.20"),
        Style("PP2002", "STRIPE TEE 2-PACK", "KIDS", "COT", "6109.10.0040", "toddler", "6.10", "PACK"),
        Style("PP3001", "PADDED RAIN JACKET", "OUTERWEAR", "NYL", "6201.40.7000", "years", "17.30"),
        Style("PP3002", "PARTY DRESS", "DRESSES", "COT", "6204.44.4010", "years", "10.80"),
    ),
    destinations=(_LONDON, _ROTTERDAM, _SYDNEY),
)

TIDES_EDGE = Brand(
    name="TIDE'S EDGE",
    source_name="Tide's Edge",
    code="TDE",
    orders=40,
    lines=330,
    lines_per_order=(4, 16),
    po_numbers=("TE-3307", "TE-3318"),
    season_style=_NAME_SHORT_YEAR,
    collections=("Fuller Bust", "Reef"),
    gender="WOMENS",
    colours=("NAVY", "CORAL", "TROPIC", "BLACK"),
    styles=(
        Style("TE-BRA-01", "UNDERWIRE TOP", "SWIMWEAR", "NYL", "6212.10.9020", "bra", "9.90"),
        Style("TE-BRA-02", "BALCONETTE TOP", "INTIMATES", "NYL", "6212.10.9020", "bra", "10.60"),
        Style("TE-TAN-11", "TANKINI", "SWIMWEAR", "NYL", "6112.41.0010", "cup", "12.45"),
        Style("TE-BOT-21", "FOLD BRIEF", "SWIMWEAR", "NYL", "6112.41.0010", "plus", "5.70"),
        Style("TE-ONE-31", "WRAP ONE PIECE", "SWIMWEAR", "NYL", "6112.41.0010", "cup", "14.90"),
    ),
    destinations=(_SYDNEY, _LONDON),
)

NORTHLINE = Brand(
    name="NORTHLINE ATHLETIC",
    source_name="NORTHLINE",
    code="NLA",
    orders=52,
    lines=306,
    lines_per_order=(3, 9),
    po_numbers=("88210", "88245", "88263"),
    season_style=_HALF_LONG_YEAR,
    collections=("Base Camp", "Tempo"),
    gender="UNISEX",
    colours=("GRAPHITE", "SIGNAL ORANGE", "ICE", "PINE"),
    styles=(
        Style("NL-T100", "TEMPO TEE", "ACTIVEWEAR", "POL", "6105.20.2010", "alpha tall", "6.60"),
        Style("NL-T200", "TRAIL HALF ZIP", "ACTIVEWEAR", "POL", "6110.30.3053", "alpha tall", "12.80"),
        Style("NL-B100", "TRACK PANT", "ACTIVEWEAR", "POL", "6203.43.9010", "alpha tall", "11.25"),
        Style("NL-B110", "LINED SHORT", "ACTIVEWEAR", "POL", "6203.43.9010", "alpha", "9.15"),
        Style("NL-J300", "SHELL JACKET", "OUTERWEAR", "NYL", "6201.40.7000", "alpha tall", "27.40"),
    ),
    destinations=(_DALLAS, _TORONTO, _ROTTERDAM),
)

ATELIER_ETOILE = Brand(
    name="ATELIER ÉTOILE",
    source_name="Atelier Étoile",
    code="AET",
    orders=38,
    lines=56,
    lines_per_order=(1, 5),
    po_numbers=("AE-1190",),
    season_style=_HALF_YEAR,
    collections=("Précieux", "Voyage"),
    gender="WOMENS",
    colours=("IVOIRE", "NOIR", "CAMEL", "ROUGE"),
    styles=(
        Style("AE-FOULARD-1", "SILK TOUCH SCARF", "ACCESSORIES", "VIS", "6117.10.2010", "one size", "7.30"),
        Style("AE-SAC-2", "CANVAS TOTE", "ACCESSORIES", "COT", "4202.92.3020", "one size", "9.85"),
        Style("AE-CHAPEAU-3", "WOOL BERET", "ACCESSORIES", "WOL", "6505.00.8090", "one size", "5.55"),
        Style(
            "AE-CHAUSS-4",
            "CASHMERE BLEND SOCK",
            "ACCESSORIES",
            "WOL",
            "6115.95.9000",
            "one size",
            "4.10",
            "PAIR",
        ),
        Style("AE-MAILLE-5", "FINE KNIT CARDIGAN", "KNITWEAR", "WOL", "6110.20.2010", "alpha", "19.95"),
    ),
    destinations=(_PARIS,),
)

LINDEN_AND_LOOM = Brand(
    name="LINDEN & LOOM",
    source_name="Linden and Loom",
    code="LNL",
    orders=30,
    lines=150,
    lines_per_order=(3, 7),
    po_numbers=("LL-0614", "LL-0620"),
    season_style=_NAME_YEAR,
    collections=("Slow Mornings",),
    gender="WOMENS",
    colours=("OAT", "CLAY", "DUSK"),
    styles=(
        Style("LL-P01", "WAFFLE ROBE", "LOUNGEWEAR", "COT", "6108.31.0010", "alpha petite", "13.60"),
        Style("LL-P02", "LINEN PYJAMA SET", "LOUNGEWEAR", "LIN", "6108.31.0010", "alpha", "16.85", "SET"),
        Style("LL-P03", "RIBBED LEGGING", "LOUNGEWEAR", "COT", "6104.63.2011", "alpha petite", "7.20"),
        Style("LL-P04", "BOXY TEE", "TOPS", "COT", "6109.10.0040", "alpha", "5.85"),
    ),
    destinations=(_LOS_ANGELES, _ROTTERDAM),
)

BRANDS = (
    GREYSON,
    SUMMERSALT,
    WHITE_FOX,
    COPPER_RIDGE,
    PETAL_AND_PINE,
    TIDES_EDGE,
    NORTHLINE,
    ATELIER_ETOILE,
    LINDEN_AND_LOOM,
)
