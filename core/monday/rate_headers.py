"""The `RateLimit` and `RateLimit-Policy` headers (docs/rate-limits): quoted names with parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MEMBER = re.compile(r'"(?P<name>[^"]*)"(?P<parameters>(?:\s*;\s*[a-z]+=(?:"[^"]*"|[^,;"\s]+))*)')
_PARAMETER = re.compile(r';\s*(?P<key>[a-z]+)=(?:"(?P<quoted>[^"]*)"|(?P<plain>[^,;"\s]+))')


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit as the server tells it; None where a header left it out."""

    quota: int | None = None
    window_seconds: int | None = None
    left: int | None = None
    reset_seconds: float | None = None


def _members(header: str) -> dict[str, dict[str, str]]:
    return {
        member["name"]: {
            parameter["key"]: parameter["quoted"] if parameter["quoted"] is not None else parameter["plain"]
            for parameter in _PARAMETER.finditer(member["parameters"])
        }
        for member in _MEMBER.finditer(header)
    }


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else int(float(text))
    except ValueError:
        return None


def parse_rate_headers(policy: str | None, state: str | None) -> Mapping[str, Budget]:
    """Budgets by name (`minuteRate`, `concurrency`, `complexityMinute`); empty without headers."""
    policies, states = _members(policy or ""), _members(state or "")
    budgets = {}
    for name in {**policies, **states}:
        limit, now = policies.get(name, {}), states.get(name, {})
        reset = _whole(now.get("t"))
        budgets[name] = Budget(
            quota=_whole(limit.get("q")),
            window_seconds=_whole(limit.get("w")),
            left=_whole(now.get("r")),
            reset_seconds=None if reset is None else float(reset),
        )
    return budgets
