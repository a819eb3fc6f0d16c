"""`deltadesk preview`: the exact requests as GraphQL and JSON, and the mapping table."""

import json
from typing import Any

from rich.markup import escape

from core.cli.output import console, counted, print_left_alone, table
from core.mapping.formatting import FormattedValue
from core.sync.forecast import Forecast
from core.sync.plan import Operation, Plan, PlannedRequest

REFERENCES = (
    'An id that only the board can give stands as {"$ref": "group:<title>"} or '
    '{"$ref": "order:<record_uuid>"}; everything else is sent byte for byte.'
)


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as one JSON object."""
    return {
        "profile": plan.profile,
        "board_id": plan.board_id,
        "board": plan.board_name,
        "plan_hash": plan.hash,
        "orders": plan.order_count,
        "lines": plan.line_count,
        "left_alone": plan.left_alone,
        "forecast": forecast_json(plan.forecast),
        "ways": {batch.customer: batch.way for batch in plan.batches if batch.way},
        "new_groups": list(plan.new_groups),
        "new_labels": [{"column": column, "label": label} for column, label in plan.new_labels],
        "references": REFERENCES,
        "requests": [_request_json(request) for request in plan.requests],
        "findings": [
            {
                "kind": finding.kind.value,
                "key": finding.key,
                "label": finding.label,
                "code": finding.code,
                "column": finding.source,
                "message": finding.message,
                "remedy": finding.remedy,
                "severity": finding.severity.value,
            }
            for finding in plan.findings
        ],
    }


def forecast_json(forecast: Forecast) -> dict[str, Any]:
    """A forecast as JSON; what the API does not tell of the day's calls is null."""
    day = forecast.day
    return {
        "calls": forecast.calls,
        "complexity": forecast.complexity,
        "seconds": round(forecast.seconds, 1),
        "calls_left_today": day.left if day else None,
        "calls_usable_today": day.usable if day else None,
        "calls_a_day": day.total if day else None,
        "resets_at": day.resets_at.isoformat() if day else None,
        "enough_calls": None if day is None else not forecast.is_short,
        "warning": forecast.warning or None,
    }


def print_forecast(forecast: Forecast) -> None:
    """The calls that a run needs beside those left today, and what happens where they are too few."""
    console.print(f"The run needs {forecast.calls_text}.")
    if forecast.is_short:
        console.print(f"[yellow]! {escape(forecast.warning)}[/]")


def _request_json(request: PlannedRequest) -> dict[str, Any]:
    return {
        "key": request.key,
        "step": request.step.value,
        "customer": request.customer,
        "hash": request.hash,
        "body": request.body.decode(),
        "query": request.document,
        "variables": json.loads(request.variables_text),
        "operations": [
            {
                "kind": operation.kind.value,
                "key": operation.key,
                "label": operation.label,
                "hash": operation.hash,
                "fields": [_field_json(value) for value in operation.fields],
            }
            for operation in request.operations
        ],
    }


def _field_json(value: FormattedValue) -> dict[str, Any]:
    return {
        "source": value.origin,
        "value": value.source_text,
        "becomes": value.shown,
        "column_id": value.column_id,
        "column": value.column_title,
        "type": value.column_type,
        "written": value.written,
    }


def print_plan(plan: Plan) -> None:
    """A plan for a person."""
    forecast = plan.forecast
    console.print(
        f"[bold]{counted(plan.order_count, 'order')}, {counted(plan.line_count, 'line')}[/] "
        f"to board {escape(plan.board_name)}: {counted(forecast.complexity, 'point')}, "
        f"about {forecast.seconds:.0f} s"
    )
    print_forecast(forecast)
    print_left_alone(plan.left_alone)
    for batch in plan.batches:
        if batch.way:
            console.print(f"{escape(batch.customer or 'no customer')}: {escape(batch.way)}")
    console.print(f"[dim]{escape(REFERENCES)}[/]")
    for request in plan.requests:
        console.print(f"\n[bold]── {escape(request.key)}[/]  {counted(len(request.operations), 'operation')}")
        console.print(f"[dim]sha256 {request.hash}[/]")
        console.print(request.document, markup=False)
        console.print(request.variables_text, markup=False)
    first = next((o for r in plan.requests for o in r.operations if o.fields), None)
    if first is not None:
        _print_fields(first)
    for finding in plan.findings:
        mark = "[red]✕[/]" if finding.blocks else "[yellow]![/]"
        console.print(f"\n{mark} {escape(finding.label)}: {escape(finding.message)}")
        console.print(f"  [bold]What to do:[/] {escape(finding.remedy)}")


def _print_fields(operation: Operation) -> None:
    console.print(f"\n[bold]Mapping, by the example of {escape(operation.label)}[/]")
    shown = table(
        ("Source", "left"), ("Value", "left"), ("Becomes", "left"), ("Board column", "left"), ("Type", "left")
    )
    for value in operation.fields:
        shown.add_row(
            escape(value.origin),
            escape(value.source_text),
            escape(value.shown) if value.written else "[dim](left as it is)[/]",
            escape(value.column_title),
            value.column_type,
        )
    console.print(shown)
