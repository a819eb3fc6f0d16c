"""`deltadesk preview`: the exact requests, and nothing sent."""

import json

from tests.core.importable_demo import map_importable_columns_alone

SMALL = ("--customer", "ATELIER ÉTOILE", "--limit", "3")


def test_the_previewed_bodies_are_the_ones_that_a_run_sends(desk, at_desk):
    preview = json.loads(at_desk("preview", *SMALL, "--json").stdout)
    assert desk.mutations == []
    at_desk("run", *SMALL, "--yes")
    ids = {f"order:{key}": found[0]["id"] for key, found in desk.items_by_key().items()}
    ids |= {f"group:{group['title']}": group["id"] for group in desk.board.groups("7000000001")}
    bodies = []
    for request in preview["requests"]:
        body = request["body"]
        for name, found in ids.items():
            reference = json.dumps({"$ref": name}, ensure_ascii=False, separators=(",", ":"))
            body = body.replace(reference, json.dumps(found))
        bodies.append(body.encode())
    assert bodies == [request.body for request in desk.mutations]


def test_each_field_tells_where_its_value_comes_from_and_what_it_becomes(at_desk):
    preview = json.loads(at_desk("preview", *SMALL, "--json").stdout)
    items = next(request for request in preview["requests"] if request["step"] == "items")
    fields = {field["source"]: field for field in items["operations"][0]["fields"]}
    assert fields["CUSTOMER NAME"]["value"] == "ATELIER ÉTOILE"
    assert fields["CUSTOMER NAME"]["becomes"] == "ATELIER ÉTOILE"
    assert fields["CUSTOMER NAME"]["column_id"] == "dropdown_customer"
    assert fields["CUSTOMER NAME"]["written"]


def test_findings_are_told_with_column_and_remedy(at_desk):
    preview = json.loads(at_desk("preview", "--customer", "SUMMERSALT", "--json").stdout)
    (finding,) = preview["findings"]
    assert (finding["code"], finding["column"]) == ("label_not_on_board", "CATEGORY")
    assert finding["remedy"]


def test_the_preview_for_people_holds_the_requests_word_for_word(desk, at_desk):
    desk.rows("UPDATE ORDER_LIST_DELTA SET NOTES = ?", "[bold] :heart: [/bold] C:\\new\\[x]")
    preview = json.loads(at_desk("preview", *SMALL, "--json").stdout)
    shown = at_desk("preview", *SMALL).stdout
    for request in preview["requests"]:
        assert request["query"] in shown
        assert json.dumps(request["variables"], ensure_ascii=False, indent=2) in shown
        assert request["hash"] in shown
    assert ":heart:" in shown


def test_a_preview_sends_nothing_and_writes_nothing(desk, at_desk):
    before = [tuple(row) for row in desk.rows("SELECT * FROM ORDER_LIST_DELTA")]
    assert at_desk("preview").exit_code == 0
    assert desk.mutations == []
    assert [tuple(row) for row in desk.rows("SELECT * FROM ORDER_LIST_DELTA")] == before


def test_with_bulk_the_file_is_shown_with_its_first_rows_and_the_reason(desk, at_desk):
    map_importable_columns_alone(desk)
    preview = json.loads(at_desk("preview", *SMALL, "--bulk", "--json").stdout)
    (request,) = (request for request in preview["requests"] if request["step"] == "import")
    about = request["variables"]["file"]
    assert about["why"] == preview["ways"]["ATELIER ÉTOILE"]
    assert about["rows"] == len(request["operations"])
    assert request["body"].split("\n\n", 1)[1].splitlines()[0] == ",".join(about["header"])
    shown = at_desk("preview", *SMALL, "--bulk").stdout
    assert f"ATELIER ÉTOILE: {about['why']}" in shown
    assert desk.mutations == []


def test_with_no_bulk_a_profile_that_imports_sends_mutations(desk, at_desk, reconfigure):
    map_importable_columns_alone(desk)
    reconfigure('kind = "demo"\napi_url', 'kind = "demo"\nbulk_import = "always"\napi_url')

    def steps(*options: str) -> set[str]:
        preview = json.loads(at_desk("preview", *SMALL, *options, "--json").stdout)
        return {request["step"] for request in preview["requests"]}

    assert steps() == {"groups", "import"}
    assert steps("--no-bulk") == {"groups", "items", "subitems"}


def test_a_column_that_a_file_cannot_fill_is_told_as_the_reason(at_desk):
    preview = json.loads(at_desk("preview", *SMALL, "--bulk", "--json").stdout)
    assert "cannot fill IN DC WEEK" in preview["ways"]["ATELIER ÉTOILE"]
    assert "import" not in {request["step"] for request in preview["requests"]}


def test_the_preview_says_how_many_calls_the_run_needs_and_how_many_are_left_today(desk, at_desk):
    desk.board.spend_daily_calls(500)
    shown = at_desk("preview", *SMALL).stdout
    left = f"{10_000 - desk.board.board.limits.calls_today:,.0f}"
    assert f"The run needs 3 calls; {left} of 10,000 are left today." in shown
    forecast = json.loads(at_desk("preview", *SMALL, "--json").stdout)["forecast"]
    assert forecast["calls"] == 3
    assert forecast["calls_left_today"] == 10_000 - desk.board.board.limits.calls_today
    assert (forecast["calls_a_day"], forecast["enough_calls"], forecast["warning"]) == (10_000, True, None)


def test_the_preview_warns_where_the_days_calls_do_not_suffice(desk, at_desk):
    desk.board.spend_daily_calls(8_996)
    shown = at_desk("preview", *SMALL).stdout
    assert "DeltaDesk may make 1 more today: 1,001 of 10,000 are left today" in shown
    assert "It stops cleanly when they are spent." in shown


def test_a_preview_of_an_account_that_does_not_tell_its_limit_says_so(desk, at_desk):
    desk.board.faults.add("rate_limit", operation="platform_api", limit="minute", times=None)
    assert "3 calls; how many are left today is not told." in at_desk("preview", *SMALL).stdout
    forecast = json.loads(at_desk("preview", *SMALL, "--json").stdout)["forecast"]
    assert forecast["calls_left_today"] is forecast["enough_calls"] is None


def test_one_order_with_one_line_is_not_told_in_the_plural(desk, at_desk):
    key = desk.rows(
        "SELECT record_uuid FROM ORDER_LIST_LINES_DELTA GROUP BY record_uuid HAVING COUNT(*) = 1 LIMIT 1"
    )[0]["record_uuid"]
    desk.rows("DELETE FROM ORDER_LIST_LINES_DELTA WHERE record_uuid != ?", key)
    desk.rows("DELETE FROM ORDER_LIST_DELTA WHERE record_uuid != ?", key)
    shown = at_desk("preview").stdout
    assert shown.startswith("1 order, 1 line to board ")
    assert "  1 operation\n" in shown
    pending = at_desk("orders").stdout
    assert "1 pending order with 1 line of 1 customer\n" in pending
