"""`deltadesk orders` and the list of `deltadesk report`."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.markup import escape

from core.cli.output import Column, console, counted, print_columns, print_json
from core.orders.model import PENDING_STATES, OrderFilter, OrderRow
from core.sync.report import RunReport
from core.workspace import Workspace

_PAGE = 500
_MINUTE = "%Y-%m-%d %H:%M"


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
    print_columns(
        (
            Column("Customer"),
            Column("Orders", right=True),
            Column("Lines", right=True),
            Column("Pieces", right=True, spare=1),
            Column("Oldest (UTC)", spare=2),
        ),
        [
            (
                escape(summary.customer),
                f"{summary.orders:,}",
                f"{summary.lines:,}",
                f"{summary.pieces:,}",
                summary.oldest.strftime(_MINUTE) if summary.oldest else "",
            )
            for summary in summaries
        ],
    )
    orders, lines = sum(s.orders for s in summaries), sum(s.lines for s in summaries)
    console.print(
        f"\n{counted(orders, 'pending order')} with {counted(lines, 'line')} "
        f"of {counted(len(summaries), 'customer')}"
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
    print_columns(
        (
            Column("Order"),
            *(Column(name, spare=place) for place, name in enumerate(names, 2)),
            Column("Lines", right=True),
            Column("Pieces", right=True, spare=1),
            Column("State"),
            Column("Message", prose=True),
        ),
        [
            (
                escape(row.label),
                *(escape(cell) for cell in row.cells),
                f"{row.lines:,}",
                f"{row.pieces:,}",
                row.state.value,
                escape(row.error or ""),
            )
            for row in rows
        ],
    )


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
    if not reports:
        console.print("There was no run yet: deltadesk run")
        return
    print_columns(
        (
            Column("Run"),
            Column("Started (UTC)"),
            Column("Kind"),
            Column("Mapping", spare=1),
            Column("Orders", right=True),
            Column("Lines", right=True),
            Column("Failed", right=True),
            Column("Seconds", right=True, spare=2),
        ),
        [
            (
                report.run_id[:8],
                report.started_at.strftime(_MINUTE),
                _kind(report),
                escape(f"{report.mapping} {report.mapping_version or ''}".strip()),
                f"{report.orders.synced:,}",
                f"{report.lines.synced:,}",
                f"{report.orders.failed + report.lines.failed:,}",
                f"{report.seconds:,.1f}",
            )
            for report in reports
        ],
    )


def _kind(report: RunReport) -> str:
    if report.undone:
        return "partly undone" if report.undone.left else "undone"
    return "undo" if report.undoes else "dry" if report.dry_run else "live"
