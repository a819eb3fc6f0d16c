"""Resolvers of the account, its people, its limits and its updates."""

import math
import re
from typing import Any

from core.sandbox.cells import CellView
from core.sandbox.queries import as_ids, one_page
from core.sandbox.schema import resolves
from core.sandbox.session import ComplexityReading, Session
from core.sandbox.structure import Account, Board, Item, Update
from core.sandbox.versions import CURRENT_VERSION, VERSIONS, describe_version

MARKUP = re.compile(r"<[^>]+>")
WORKSPACE_ID = "1"


def user_view(user: Any, session: Session) -> dict[str, Any]:
    """Return a user of the fixture with every field the schema promises."""
    identifier = str(user["id"])
    return {
        "kind": "member",
        "status": "ACTIVE",
        "title": "",
        "url": f"{session.page_url}#user-{identifier}",
        "photo_url": None,
        "created_at": "2026-01-01T00:00:00Z",
        "time_zone_identifier": "Etc/UTC",
        "utc_hours_diff": 0.0,
        "is_deleted": False,
        "is_email_confirmed": True,
        "teams": [],
        "account": session.account,
        "account_id": session.account.id,
        **user,
        "id": identifier,
    }


def _user(identifier: object, session: Session) -> dict[str, Any] | None:
    users = session.account.users
    return next((user_view(user, session) for user in users if str(user["id"]) == str(identifier)), None)


@resolves("Query", "me")
def me(_root: Any, session: Session) -> dict[str, Any]:
    """Return the token's user."""
    return user_view(session.account.me, session)


@resolves("Query", "users")
def users(
    _root: Any,
    session: Session,
    *,
    ids: list[str] | None = None,
    emails: list[str] | None = None,
    name: str | None = None,
    limit: int | None = 200,
    page: int | None = 1,
    **_arguments: Any,
) -> list[dict[str, Any]]:
    """Return the account's users."""
    found = [
        user_view(user, session)
        for user in session.account.users
        if (ids is None or str(user["id"]) in as_ids(ids))
        and (emails is None or user["email"] in emails)
        and (name is None or name.casefold() in user["name"].casefold())
    ]
    return one_page(found, limit, page)


@resolves("Query", "teams")
def teams(_root: Any, session: Session, ids: list[str] | None = None) -> list[Any]:
    """Return the account's teams."""
    return [team for team in session.account.teams if ids is None or str(team["id"]) in as_ids(ids)]


@resolves("Team", "users")
def team_users(_team: Any, _session: Session) -> list[Any]:
    """Return nobody: members are not kept."""
    return []


@resolves("Query", "account")
def account(_root: Any, session: Session) -> Account:
    """Return the account."""
    return session.account


@resolves("Account", "plan")
def plan(account: Account, _session: Session) -> dict[str, Any]:
    """Return the plan the account is on."""
    return {"max_users": 100, "period": "yearly", "tier": account.tier, "version": 1}


@resolves("Account", "active_members_count")
def active_members_count(account: Account, _session: Session) -> int:
    """Return how many users there are."""
    return len(account.users)


@resolves("Account", "is_during_trial")
@resolves("Account", "is_trial_expired")
def never(_account: Account, _session: Session) -> bool:
    """Return that a practice account is never on trial."""
    return False


@resolves("Query", "platform_api")
def platform_api(_root: Any, session: Session) -> dict[str, Any]:
    """Return the calls a day the plan allows, and those used today; earlier days are not kept."""
    calls = session.plan.calls_per_day
    today = {"day": session.now[:10], "usage": math.ceil(session.calls_today)}
    return {
        "daily_limit": {"base": calls, "total": calls},
        "daily_analytics": {"last_updated": session.now, "by_day": [today]},
    }


@resolves("Query", "complexity")
@resolves("Mutation", "complexity")
def complexity(_root: Any, session: Session) -> ComplexityReading:
    """Return the minute's budget around this request; the request's own cost is its estimate."""
    return session.complexity


@resolves("Query", "version")
def version(_root: Any, session: Session) -> dict[str, str]:
    """Return the version that serves this request."""
    return describe_version(session.api_version or CURRENT_VERSION)


@resolves("Query", "versions")
def versions(_root: Any, _session: Session) -> list[dict[str, str]]:
    """Return every version that is served."""
    return [describe_version(value) for value in VERSIONS]


@resolves("Query", "workspaces")
def workspaces(_root: Any, _session: Session, **_arguments: Any) -> list[dict[str, Any]]:
    """Return the one workspace."""
    return [_workspace()]


def _workspace() -> dict[str, Any]:
    return {
        "id": WORKSPACE_ID,
        "name": "Main workspace",
        "kind": "open",
        "description": None,
        "is_default_workspace": True,
        "state": "active",
        "created_at": None,
    }


@resolves("Board", "workspace")
def board_workspace(_board: Board, _session: Session) -> dict[str, Any]:
    """Return the one workspace."""
    return _workspace()


@resolves("Board", "workspace_id")
def board_workspace_id(_board: Board, _session: Session) -> str:
    """Return the one workspace's id."""
    return WORKSPACE_ID


@resolves("Query", "validations")
def validations(_root: Any, session: Session, **arguments: Any) -> dict[str, Any]:
    """Return the board's required columns; there are no conditional rules."""
    board = session.board(arguments["id"])
    return {"required_column_ids": list(board.required_column_ids), "rules": None}


# People on boards and items


@resolves("Board", "creator")
def board_creator(_board: Board, session: Session) -> dict[str, Any]:
    """Return the token's user."""
    return me(None, session)


@resolves("Board", "owners")
@resolves("Board", "subscribers")
@resolves("Item", "subscribers")
def followers(_source: Board | Item, session: Session) -> list[dict[str, Any]]:
    """Return the token's user: on a practice board everything is theirs."""
    return [me(None, session)]


@resolves("Item", "creator")
@resolves("Update", "creator")
@resolves("Reply", "creator")
def creator(source: Item | Update, session: Session) -> dict[str, Any] | None:
    """Return who made it."""
    return _user(source.creator_id, session)


@resolves("CreationLogValue", "creator")
def creation_log_creator(view: CellView, session: Session) -> dict[str, Any] | None:
    """Return who made the item."""
    return _user(view.item.creator_id, session)


@resolves("LastUpdatedValue", "updater")
def last_updater(view: CellView, session: Session) -> dict[str, Any] | None:
    """Return who changed the item last: there is one writer."""
    return _user(view.item.creator_id, session)


# Tags


@resolves("Query", "tags")
@resolves("Board", "tags")
def tags(source: Board | None, session: Session, ids: list[str] | None = None) -> list[dict[str, Any]]:
    """Return the account's tags; a board has none of its own."""
    if source is not None:
        return []
    known = session.store.tags()
    return [
        {"id": identifier, "name": name, "color": color}
        for identifier, (name, color) in known.items()
        if not ids or str(identifier) in as_ids(ids)
    ]


@resolves("TagsValue", "tags")
def cell_tags(view: CellView, session: Session) -> list[dict[str, Any]]:
    """Return the tags of a cell."""
    chosen = view.fields["tag_ids"]
    return [tag for tag in tags(None, session) if tag["id"] in chosen]


# Updates


@resolves("Query", "updates")
@resolves("Item", "updates")
@resolves("Board", "updates")
def updates(
    source: Item | Board | None,
    session: Session,
    *,
    limit: int | None = 25,
    page: int | None = 1,
    ids: list[str] | None = None,
    **_arguments: Any,
) -> list[Update]:
    """Return updates, newest first: of an item, of a board's items, or of the account."""
    store = session.store
    found = store.updates(item_id=source.id if isinstance(source, Item) else None)
    if isinstance(source, Board):
        on_board = {item.id for item in store.board_items(source.id)}
        found = [update for update in found if update.item_id in on_board]
    if ids is not None:
        found = [update for update in found if str(update.id) in as_ids(ids)]
    return one_page(found, limit, page)


@resolves("Update", "replies")
def replies(update: Update, session: Session) -> list[Update]:
    """Return the replies to an update, oldest first."""
    return session.store.updates(parent_id=update.id)[::-1]


@resolves("Update", "item")
def update_item(update: Update, session: Session) -> Item | None:
    """Return the item an update is about."""
    return session.store.item(update.item_id)


@resolves("Update", "text_body")
@resolves("Reply", "text_body")
def text_body(update: Update, _session: Session) -> str:
    """Return the body without its markup."""
    return MARKUP.sub("", update.body)


@resolves("Update", "updated_at")
@resolves("Update", "edited_at")
@resolves("Reply", "updated_at")
def updated_at(update: Update, _session: Session) -> str:
    """Return when it was written: updates are never edited here."""
    return update.created_at


@resolves("Update", "assets")
def assets(_update: Update, _session: Session) -> list[Any]:
    """Return no files."""
    return []
