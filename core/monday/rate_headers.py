"""The `RateLimit` and `RateLimit-Policy` headers (docs/rate-limits): quoted names with parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# RFC 8941: a parameter may stand without a value, and a quoted text may hold any mark.
_TEXT = r'"(?:[^"\\]|\\.)*"'
_ONE = rf"\s*;\s*[a-z*][a-z0-9_.*-]*(?:=(?:{_TEXT}|[^,;\"\s]+))?"
_MEMBER = re.compile(rf"(?P<name>{_TEXT})(?P<parameters>(?:{_ONE})*)")
_PARAMETER = re.compile(rf";\s*(?P<key>[a-z*][a-z0-9_.*-]*)(?:=(?P<value>{_TEXT}|[^,;\"\s]+))?")


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit as the server tells it; None where a header left it out."""

    quota: int | None = None
    window_seconds: int | None = None
    left: int | None = None
    reset_seconds: float | None = None


def _members(header: str) -> dict[str, dict[str, str]]:
    return {
        member["name"][1:-1]: {
            parameter["key"]: (parameter["value"] or "").strip('"')
            for parameter in _PARAMETER.finditer(member["parameters"])
        }
        for member in _MEMBER.finditer(header)
    }


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else int(float(text))
    except (ValueError, OverflowError):
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
