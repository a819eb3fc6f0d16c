"""The price columns of a demo order: from ex works to the price the customer pays, with four decimals."""

import random
from decimal import ROUND_HALF_UP, Decimal

from core.demo.catalogue import PRICE_NOTES, US_DUTY_RATES, Destination, Style
from core.demo.data_values import Row, sometimes

_FOUR_PLACES = Decimal("0.0001")
_TARIFF_RATES = {
    "CHINA": Decimal("0.30"),
    "VIETNAM": Decimal("0.20"),
    "INDIA": Decimal("0.25"),
    "PERU": Decimal("0.10"),
    "TURKEY": Decimal("0.15"),
    "PORTUGAL": Decimal("0.15"),
    "SRI LANKA": Decimal("0.20"),
}
_UK_DUTY_RATE = Decimal("0.12")
_CANADIAN_DUTY_RATE = Decimal("0.18")


def price_columns(rng: random.Random, style: Style, destination: Destination, country_of_origin: str) -> Row:
    """The filled price columns. Text columns of the order list hold their number as text."""
    ex_works = _money(Decimal(style.ex_works) * Decimal(rng.randint(9600, 10600)) / 10_000)
    administration, fx = _money(ex_works * Decimal("0.02")), _money(ex_works * Decimal("0.0125"))
    design = Decimal(rng.choice(("0.1500", "0.2000", "0.2500")))
    handling = Decimal(rng.choice(("0.3500", "0.4250")))
    surcharge = Decimal(rng.choice(("0.0000", "0.0000", "0.0000", "0.2500")))
    discount = _money(ex_works * Decimal(rng.choice(("0", "0", "0.02"))))
    fob = ex_works + administration + design + fx + handling + surcharge - discount
    freight = _money(Decimal(rng.randint(4500, 12500)) / 10_000)
    landed, delivered = _landed(style, destination, country_of_origin, fob, freight)
    customer_price = _money(delivered * Decimal("1.22"))
    return {
        "CUSTOMER PRICE": float(customer_price),
        "EX WORKS (USD)": float(ex_works),
        "ADMINISTRATION FEE": float(administration),
        "DESIGN FEE": str(design),
        "FX CHARGE": float(fx),
        "HANDLING": float(handling),
        "SURCHARGE FEE": str(surcharge) if surcharge else None,
        "DISCOUNT": str(discount) if discount else None,
        "FINAL FOB (USD)": float(fob),
        "HS CODE": style.hs_code,
        "FREIGHT": float(freight),
        "SMS PRICE USD": float(_money(fob * 2)),
        "FINAL PRICES Y/N": rng.choice(("Y", "Y", "Y", "N")),
        "NOTES FOR PRICE": sometimes(rng, 0.35, rng.choice(PRICE_NOTES)),
        "FX CHARGE 2 Dec": _text(fx, 2),
        "INFOR EX-WORKS 4 Dec": _text(ex_works, 4),
        "FINANCE EST (USD)": float(_money(fob * Decimal("1.05"))),
        "FOB TO USE ON PRODUCT INVOICE": float(fob),
        "RRP": _text(customer_price * 4, 2),
        "MARGIN": f"{(customer_price - delivered) / customer_price:.1%}",
        "∆": sometimes(rng, 0.4, _text(Decimal(rng.randint(-900, 1500)) / 10_000, 4)),
        **landed,
    }


def _landed(
    style: Style, destination: Destination, country_of_origin: str, fob: Decimal, freight: Decimal
) -> tuple[Row, Decimal]:
    """The columns of the destination's duties, and the price delivered there."""
    match destination.country:
        case "USA":
            return _landed_in_usa(style, country_of_origin, fob, freight)
        case "UK":
            duty = _money((fob + freight) * _UK_DUTY_RATE)
            delivered = fob + freight + duty
            return {
                "UK DUTY RATE": str(_UK_DUTY_RATE),
                "UK FREIGHT": str(freight),
                "UK CIF": str(fob + freight),
                "UK DUTY": str(duty),
                "DDP UK (USD)": str(delivered),
                "UK Product 4 Dec": _text(fob, 4),
                "UK Duty 2 Dec": _text(duty, 2),
                "UK Price 2 Dec": _text(delivered, 2),
            }, delivered
        case "CAN":
            duty = _money(fob * _CANADIAN_DUTY_RATE)
            delivered = fob + freight + duty
            return {
                "CAN DUTY RATE": str(_CANADIAN_DUTY_RATE),
                "CAN DUTY": str(duty),
                "DDP CAN (USD)": str(delivered),
                "CAN Product 4 Dec": _text(fob, 4),
                "CAN Duty 2 Dec": _text(duty, 2),
                "CAN Price 2 Dec": _text(delivered, 2),
            }, delivered
        case "AUS":
            return {
                "AU Product 4 Dec": _text(fob, 4),
                "AU Price 2 Dec": _text(fob + freight, 2),
                "FOB (AUD)": float(_money(fob * Decimal("1.52"))),
            }, fob + freight
        case _:
            return {}, fob + freight


def _landed_in_usa(
    style: Style, country_of_origin: str, fob: Decimal, freight: Decimal
) -> tuple[Row, Decimal]:
    duty_rate, tariff_rate = US_DUTY_RATES[style.hs_code], _TARIFF_RATES[country_of_origin]
    duty, tariff = _money(fob * duty_rate), _money(fob * tariff_rate)
    delivered = fob + freight + duty + tariff
    return {
        "USA ONLY LSTP 75% EX WORKS": float(_money(fob * Decimal("0.75"))),
        "US DUTY RATE": float(duty_rate),
        "US DUTY": float(duty),
        "US TARIFF RATE": float(tariff_rate),
        "US TARIFF": float(tariff),
        "DDP US (USD)": float(delivered),
        "US Product 4 Dec": _text(fob, 4),
        "US Duty 2 Dec": _text(duty, 2),
        "US Tariff 2 Dec": _text(tariff, 2),
        "US Price 2 Dec": _text(delivered, 2),
        "TARIFF RATE CHARGED TO AAG": str(tariff_rate),
    }, delivered


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(_FOUR_PLACES, rounding=ROUND_HALF_UP)


def _text(amount: Decimal, places: int) -> str:
    return str(amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
