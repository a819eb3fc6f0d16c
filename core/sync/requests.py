"""Operations put into requests, and what the requests are called. Pure."""

from collections import Counter
from collections.abc import Sequence

from core.sync.plan import Operation, PlannedRequest, Step, seal


class RequestKeys:
    """Names the requests of a plan, or of all portions of a run: none is given twice."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def next(self, step: Step, customer: str) -> str:
        """As in `GREYSON CLOTHIERS / items / 2` or `groups / 1`.

        The number counts the customer's requests of this step, from one portion to the next.
        """
        whose = step.value if step is Step.GROUPS else f"{customer or 'no customer'} / {step.value}"
        self._given[whose] += 1
        return f"{whose} / {self._given[whose]}"


def requests_of(
    step: Step, customer: str, board_id: str, operations: Sequence[Operation], size: int, keys: RequestKeys
) -> tuple[PlannedRequest, ...]:
    """Sealed requests of one customer and step, with at most `size` operations each."""
    return tuple(
        seal(
            PlannedRequest(
                key=keys.next(step, customer),
                step=step,
                customer=customer,
                board_id=board_id,
                operations=tuple(operations[start : start + size]),
            )
        )
        for start in range(0, len(operations), size)
    )
