from core.sync.events import BudgetRead
from gui.profile_status import ProfileStatus


class StatusWindow:
    def __init__(self) -> None:
        self.told: dict[str, tuple[str, ...]] = {}

    def set_status(self, part: str, *words: str) -> None:
        self.told[part] = words


def test_that_the_budget_is_told_in_the_style_of_the_gauges_and_one_call_is_one() -> None:
    window = StatusWindow()
    budget = BudgetRead(960, 1_000, 20.0, 2_400, 2_500, 99, 100, calls_made=1)
    ProfileStatus(window).show_budget(budget)
    assert window.told["budget"] == ("96 % of the minute's budget left", "text", "1 call in this run")
