"""`deltadesk orders` and the list of `deltadesk report`."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape

from core.cli.output import console, print_json, table
from core.orders.model import PENDING_STATES, OrderFilter, OrderRow
from core.sync.report import RunReport
from core.workspace import Workspace

_PAGE = 500


async def list_customers(workspace: Workspace, *, as_json: bool) -> None:
    """Pending orders by customer."""
    summaries = await workspace.customers(OrderFilter(states=PENDING_STATES))
    if as_json:
        customers = [
            {**asdict(summary), "oldest": summary.oldest.isoformat() if summary.oldest else None}
            for summary in summaries
        ]
        totals = {"orders": sum(s.orders for s in summaries), "lines": sum(s.lines for s in summaries)}
        print_json({"profile": workspace.profile.name, "customers": customers, **totals})
        return
    shown = table(
        ("Customer", "left"), ("Orders", "right"), ("Lines", "right"), ("Pieces", "right"), ("Oldest", "left")
    )
    for summary in summaries:
        oldest = summary.oldest.strftime("%Y-%m-%d %H:%M UTC") if summary.oldest else ""
        shown.add_row(
            escape(summary.customer),
            f"{summary.orders:,}",
            f"{summary.lines:,}",
            f"{summary.pieces:,}",
            oldest,
        )
    console.print(shown)
    console.print(
        f"\n{sum(s.orders for s in summaries):,} pending orders with "
        f"{sum(s.lines for s in summaries):,} lines of {len(summaries)} customers"
    )


async def list_orders(workspace: Workspace, customers: Sequence[str], *, as_json: bool) -> None:
    """Every order of the given customers with its state."""
    rows: list[OrderRow] = []
    for customer in customers:
        rows.extend(await _orders_of(workspace, customer))
    names = workspace.profile.display_columns
    if as_json:
        print_json(
            {
                "profile": workspace.profile.name,
                "orders": [
                    {**asdict(row), "cells": dict(zip(names, row.cells, strict=True))} for row in rows
                ],
            }
        )
        return
    shown = table(
        ("Order", "left"),
        *((name, "left") for name in names),
        ("Lines", "right"),
        ("Pieces", "right"),
        ("State", "left"),
        ("Message", "left"),
    )
    for row in rows:
        shown.add_row(
            escape(row.label),
            *(escape(cell) for cell in row.cells),
            str(row.lines),
            f"{row.pieces:,}",
            row.state.value,
            escape(row.error or ""),
        )
    console.print(shown)


async def _orders_of(workspace: Workspace, customer: str) -> list[OrderRow]:
    rows: list[OrderRow] = []
    while page := await workspace.order_rows(customer, offset=len(rows), limit=_PAGE):
        rows.extend(page)
    return rows


def print_reports(reports: Sequence[RunReport], *, as_json: bool) -> None:
    """Recent runs, newest first."""
    if as_json:
        print_json({"runs": [report.to_json() for report in reports]})
        return
    shown = table(
        ("Run", "left"),
        ("Started", "left"),
        ("Kind", "left"),
        ("Mapping", "left"),
        ("Orders", "right"),
        ("Lines", "right"),
        ("Failed", "right"),
        ("Seconds", "right"),
    )
    for report in reports:
        shown.add_row(
            report.run_id[:8],
            report.started_at.strftime("%Y-%m-%d %H:%M UTC"),
            _kind(report),
            escape(f"{report.mapping} {report.mapping_version or ''}".strip()),
            str(report.orders.synced),
            str(report.lines.synced),
            str(report.orders.failed + report.lines.failed),
            f"{report.seconds:.1f}",
        )
    console.print(shown if reports else "There was no run yet: deltadesk run")


def _kind(report: RunReport) -> str:
    if report.undone:
        return "partly undone" if report.undone.left else "undone"
    return "undo" if report.undoes else "dry" if report.dry_run else "live"
