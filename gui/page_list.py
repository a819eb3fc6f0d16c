"""The pages of the window, in the order of the navigation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageInfo:
    """An entry of the navigation and what its page is for."""

    page_id: str
    title: str
    icon_name: str
    promise: str
    """What is here, said while the page has nothing to show yet."""
    mnemonic: int = 0
    """Which letter of the title opens the page from the View menu, counted from 0."""
    needs_profile: bool = True
    """Whether it shows something of the open profile, so that there is nothing to show without one."""

    @property
    def menu_title(self) -> str:
        """The title with its Alt letter marked."""
        return f"{self.title[: self.mnemonic]}&{self.title[self.mnemonic :]}"


PAGES = (
    PageInfo(
        "orders",
        "Orders",
        "orders",
        "Pending orders by customer will be listed here, ready to review and push.",
    ),
    PageInfo(
        "preview",
        "Preview",
        "preview",
        "The exact requests of a push will be shown here before they are sent.",
    ),
    PageInfo("run", "Run", "run", "The progress of a push will be shown here, customer by customer."),
    PageInfo(
        "failures", "Failures", "failures", "Records that could not be pushed will be listed here, by cause."
    ),
    PageInfo(
        "mappings", "Mappings", "mappings", "Which source column goes to which board column will be set here."
    ),
    PageInfo("history", "History", "history", "Every run, with its report, will be listed here."),
    PageInfo(
        "monitor",
        "Monitor",
        "monitor",
        "The health of the database, the board and the schedule will be shown here.",
        mnemonic=2,
        needs_profile=False,
    ),
    PageInfo(
        "settings",
        "Settings",
        "settings",
        "Profiles, tokens and schedules will be set here.",
        needs_profile=False,
    ),
)
