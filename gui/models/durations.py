"""Seconds as a person reads them."""

import math

_MINUTE = 60
_HOUR = 3600


def clock_text(seconds: float) -> str:
    """Return a count-down such as "00:37" or "1:02:05", rounded up: 00:00 means that nothing is left."""
    whole = max(0, math.ceil(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


def duration_text(seconds: float) -> str:
    """Return how long something took: "0.4 s", "48 s", "1 min 12 s" or "1 h 05 min"."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


def about_left_text(seconds: float) -> str:
    """Return a forecast as coarse as it is sure: in steps of 5 s below a minute, of whole minutes above."""
    if seconds < _MINUTE:
        return f"about {max(5, math.ceil(seconds / 5) * 5)} s left"
    minutes = math.ceil(seconds / _MINUTE)
    if minutes < _MINUTE:
        return f"about {minutes} min left"
    return f"about {minutes // _MINUTE} h {minutes % _MINUTE:02} min left"
