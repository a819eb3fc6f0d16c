"""`deltadesk preview`: the exact requests, and nothing sent."""

import json

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
