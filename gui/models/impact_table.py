"""What a changed mapping does to pending records, as rows and in a sentence."""

from PySide6.QtGui import QIcon

from core.workspace.impact import Impact, ImpactKind, ImpactSample
from gui.icons import icon
from gui.models.record_table import RecordTable, TableColumn

_LOOKS = {  # kind -> icon, tone, word
    ImpactKind.CHANGED: ("edit", "muted", "Changes"),
    ImpactKind.BECOMES_INVALID: ("error", "error", "Becomes invalid"),
    ImpactKind.BECOMES_VALID: ("synced", "ok", "Becomes valid"),
}
_ORDER = (ImpactKind.BECOMES_INVALID, ImpactKind.CHANGED, ImpactKind.BECOMES_VALID)


def _icon(sample: ImpactSample) -> QIcon:
    name, tone, _word = _LOOKS[sample.kind]
    return icon(name, tone)


def impact_table() -> RecordTable[ImpactSample]:
    """Return a table of samples, those that become invalid first."""
    return RecordTable[ImpactSample](
        (
            TableColumn("What", lambda sample: _LOOKS[sample.kind][2], icon=_icon),
            TableColumn("Record", lambda sample: sample.label),
            TableColumn("Board column", lambda sample: sample.column),
            TableColumn("Now", lambda sample: sample.before or "(empty)"),
            TableColumn("Then", lambda sample: sample.after or "(empty)"),
        )
    )


def sorted_samples(impact: Impact) -> list[ImpactSample]:
    """Return the samples, the gravest kind first."""
    return sorted(impact.samples, key=lambda sample: _ORDER.index(sample.kind))


def impact_details(impact: Impact) -> str:
    """Return which board columns change for how many records: "CATEGORY 44, DROP 3"."""
    return ", ".join(f"{each.column} {each.count:,}" for each in impact.columns[:6])
