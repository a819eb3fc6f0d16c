"""The read-only page, drawn by a real browser."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def orders(caller):
    """Three orders in two groups; one has two lines."""
    group = caller.data(
        'mutation { create_group(board_id: 7000000001, group_name: "GREYSON <CLOTHIERS>") { id } }'
    )
    document = (
        "mutation ($group: String, $values: JSON) {"
        ' a: create_item(board_id: 7000000001, group_id: $group, item_name: "GRE-1",'
        " column_values: $values) { id }"
        ' b: create_item(board_id: 7000000001, group_id: $group, item_name: "GRE-2") { id }'
        ' c: create_item(board_id: 7000000001, group_id: "later",'
        ' item_name: "<script>SMS-1</script>") { id } }'
    )
    values = '{"key": "PO 8812", "qty": "1200", "state": {"label": "Done"}}'
    made = caller.data(document, group=group["create_group"]["id"], values=values)
    caller.make_subitem(made["a"]["id"], "XL", size="XL", pieces="12")
    caller.make_subitem(made["a"]["id"], "L", size="L", pieces="7")
    return caller


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_that_the_page_needs_no_token_and_shows_none(orders, http) -> None:
    page = http.get(orders.running.page_url)
    assert page.status_code == 200
    assert orders.running.token not in page.text
    assert "<script" not in page.text
    assert not re.search(r"(src|href)=\"(?!#|data:)", page.text)


def test_that_groups_items_and_subitems_are_counted(orders, http) -> None:
    text = words(http.get(orders.running.page_url).text)
    assert "Orders · 3 items · 2 subitems" in text
    assert "GREYSON &lt;CLOTHIERS&gt; · 2 items · 2 subitems" in text
    assert "Later · 1 item · 0 subitems" in text
    assert "New orders · 0 items · 0 subitems" in text


def test_that_the_filled_columns_show_and_the_subitems_board_does_not(orders, http) -> None:
    page = http.get(orders.running.page_url).text
    text = words(page)
    assert "Order key Qty ordered State" in text
    assert "PO 8812 1200 Done" in text
    assert "Country" not in text
    assert "XL XL 12" in text
    assert "Subitems of Orders" not in text


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


@pytest.mark.browser
def test_that_a_browser_renders_every_group_and_item(orders, tmp_path) -> None:
    command = [
        chromium(),
        *BROWSER,
        f"--user-data-dir={tmp_path}/profile",
        "--dump-dom",
        orders.running.page_url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    text = words(done.stdout)
    assert "GREYSON &lt;CLOTHIERS&gt; · 2 items · 2 subitems" in text
    assert "PO 8812" in text
    assert done.stdout.count('class="item"') == 3


@pytest.mark.browser
def test_that_light_and_dark_schemes_draw_different_pictures(orders, tmp_path) -> None:
    pictures = []
    for scheme in (0, 1):
        picture = tmp_path / f"{scheme}.png"
        command = [
            chromium(),
            *BROWSER,
            f"--user-data-dir={tmp_path}/profile-{scheme}",
            f"--blink-settings=preferredColorScheme={scheme}",
            "--window-size=1280,800",
            f"--screenshot={picture}",
            orders.running.page_url,
        ]
        subprocess.run(command, capture_output=True, timeout=120, check=True)
        pictures.append(Path(picture).read_bytes())
    assert pictures[0] != pictures[1]
    assert all(len(picture) > 10_000 for picture in pictures)
