"""What is done about each failure that docs/error-handling and docs/rate-limits name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.monday.errors import FaultKind, GraphError, classify, parse_errors
from core.redaction import remember_secret

K = FaultKind

CATALOGUE = [
    # code or message, the HTTP status that the catalogue names, what follows
    ("ColumnValueException", 200, K.DATA),
    ("CorrectedValueException", 200, K.DATA),
    ("CreateBoardException", 200, K.CONFIGURATION),
    ("InvalidArgumentException", 200, K.DATA),
    ("InvalidBoardIdException", 200, K.CONFIGURATION),
    ("InvalidColumnIdException", 200, K.CONFIGURATION),
    ("InvalidUserIdException", 200, K.DATA),
    ("InvalidVersionException", 200, K.CONFIGURATION),
    ("ItemNameTooLongException", 200, K.DATA),
    ("ItemsLimitationException", 200, K.CONFIGURATION),
    ("missingRequiredPermissions", 200, K.CONFIGURATION),
    ("ResourceNotFoundException", 200, K.DATA),
    ("ResourceNotFoundException", 404, K.DATA),
    ("undefinedField", 200, K.CONFIGURATION),
    ("API_TEMPORARILY_BLOCKED", 200, K.BUDGET),
    ("UNAUTHORIZED", 200, K.AUTH),
    ("UNAUTHORIZED_FIELD_OR_TYPE", 200, K.CONFIGURATION),
    ("INVALID_INPUT", 200, K.DATA),
    ("INVALID_ARGUMENT_EXCEPTION", 200, K.DATA),
    ("Bad request", 400, K.CONFIGURATION),
    ("JsonParseException", 400, K.DATA),
    ("Unauthorized", 401, K.AUTH),
    ("Not authenticated", 401, K.AUTH),
    ("Your ip is restricted", 401, K.AUTH),
    ("UserUnauthorizedException", 403, K.CONFIGURATION),
    ("USER_ACCESS_DENIED", 403, K.AUTH),
    ("DeleteLastGroupException", 409, K.DATA),
    ("IDEMPOTENCY_CONFLICT", 409, K.TRANSIENT),
    ("REVISION_MISMATCH", 409, K.TRANSIENT),
    ("DATA_VALIDATIONS_ERROR", 422, K.DATA),
    ("RecordInvalidException", 422, K.DATA),
    ("Resource is currently locked, please try again later", 423, K.LOCKED),
    ("maxConcurrencyExceeded", 429, K.BUDGET),
    ("Concurrency limit exceeded", 429, K.BUDGET),
    ("Rate Limit Exceeded", 429, K.BUDGET),
    ("Minute limit rate exceeded", 429, K.BUDGET),
    ("COMPLEXITY_BUDGET_EXHAUSTED", 429, K.BUDGET),
    ("ComplexityException", 429, K.BUDGET),
    ("REQUEST_MAX_COMPLEXITY_EXCEEDED", 200, K.REQUEST),
    ("REQUEST_MAX_COMPLEXITY_EXCEEDED", 429, K.REQUEST),
    ("IP_RATE_LIMIT_EXCEEDED", 429, K.BUDGET),
    ("FIELD_LIMIT_EXCEEDED", 429, K.BUDGET),
    ("FIELD_MINUTE_RATE_LIMIT_EXCEEDED", 429, K.BUDGET),
    ("DAILY_LIMIT_EXCEEDED", 429, K.DAILY),
    ("DAILY_LIMIT_EXCEEDED", 200, K.DAILY),
    ("RATE_LIMIT_EXCEEDED", 429, K.BUDGET),
    ("Internal Server Error", 500, K.TRANSIENT),
    ("INTERNAL_SERVER_ERROR", 500, K.TRANSIENT),
    ("INTERNAL_SERVER_ERROR", 200, K.TRANSIENT),
]


@pytest.mark.parametrize(("word", "status", "kind"), CATALOGUE)
def test_a_failure_of_the_catalogue_is_sorted_by_its_code_wherever_its_status_stands(word, status, kind):
    by_code = classify(word, "some words", status, None)
    by_transport = classify(word, "some words", None, None, http_status=status)
    by_message = classify("", word, status, None, http_status=status)
    assert {by_code.kind, by_transport.kind, by_message.kind} == {kind}
    assert by_code.remedy


@pytest.mark.parametrize(("word", "status", "kind"), [each for each in CATALOGUE if each[1] < 500])
def test_codes_are_read_whatever_their_spelling(word, status, kind):
    spelt = "".join(f"_{letter}" if letter.isupper() else letter for letter in word).upper().replace(" ", "-")
    assert classify(spelt, "", status, None).kind is classify(word, "", status, None).kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, K.CONFIGURATION),
        (401, K.AUTH),
        (403, K.CONFIGURATION),
        (404, K.CONFIGURATION),
        (409, K.TRANSIENT),
        (422, K.DATA),
        (423, K.LOCKED),
        (429, K.BUDGET),
        (500, K.TRANSIENT),
        (502, K.TRANSIENT),
        (503, K.TRANSIENT),
        (504, K.TRANSIENT),
        (599, K.TRANSIENT),
    ],
)
def test_an_unknown_code_is_sorted_by_its_status(status, kind):
    assert classify("NEVER_SEEN", "never seen", status, None).kind is kind
    assert classify("NEVER_SEEN", "never seen", None, None, http_status=status).kind is kind
    assert classify("NEVER_SEEN", "never seen", 418, None, http_status=status).kind is kind


def test_a_code_that_nobody_documented_is_a_refused_request_to_report():
    fault = classify("NEVER_SEEN", "never seen", 200, None)
    assert (fault.kind, fault.code, fault.message) == (K.REQUEST, "NEVER_SEEN", "never seen")
    assert "Report this message" in fault.remedy


def test_a_failure_without_a_code_is_named_by_its_http_status():
    assert classify("", "Bad gateway", None, None, http_status=502).code == "HTTP_502"


@pytest.mark.parametrize("code", ["ColumnValueException", "InvalidBoardIdException", "NEVER_SEEN", ""])
def test_behind_a_500_some_fields_may_have_been_carried_out_whatever_it_says_of_one(code):
    fault = classify(code, "x", 200, None, http_status=500)
    assert fault.kind is K.TRANSIENT
    assert fault.may_have_applied


@pytest.mark.parametrize("code", ["USER_ACCESS_DENIED", "API_TEMPORARILY_BLOCKED", "DAILY_LIMIT_EXCEEDED"])
def test_a_refusal_from_before_the_execution_is_believed_behind_a_500(code):
    assert not classify(code, "x", 200, None, http_status=503).may_have_applied


@pytest.mark.parametrize(("word", "status", "kind"), CATALOGUE)
def test_only_transient_failures_may_have_been_applied(word, status, kind):
    assert classify(word, word, status, None).may_have_applied == (kind is K.TRANSIENT)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("The board is locked by another process", K.LOCKED),
        ("Your account is blocked", K.REQUEST),
        ("This column was unlocked", K.REQUEST),
        ("Complexity budget exhausted, query cost 30001 budget remaining 19986", K.BUDGET),
        ("Not Authenticated: token revoked", K.AUTH),
        ('Parse error on "}" (RCURLY) at [1, 2]', K.REQUEST),
    ],
)
def test_without_a_code_the_beginning_of_the_message_counts(message, kind):
    assert classify("", message, 200, None).kind is kind


# --- Shapes


def test_an_error_of_today_is_read_with_alias_code_status_and_delay():
    (error,) = parse_errors(
        {
            "errors": [
                {
                    "message": "No such label",
                    "path": ["a3"],
                    "locations": [{"line": 1, "column": 2}],
                    "extensions": {
                        "code": "ColumnValueException",
                        "status_code": 200,
                        "error_data": {"column_type": "color"},
                    },
                }
            ]
        }
    )
    assert error == GraphError(
        "No such label", "a3", "ColumnValueException", 200, None, {"column_type": "color"}
    )


@pytest.mark.parametrize(
    ("extensions", "seconds"),
    [
        ({"retry_in_seconds": 15}, 15.0),
        ({"error_data": {"retry_in_seconds": "9"}}, 9.0),
        ({"retryAfterMs": 1500}, 1.5),
        ({"retry_in_seconds": 2, "error_data": {"retry_in_seconds": 3}, "retryAfterMs": 4000}, 2.0),
        ({"retry_in_seconds": 0}, 0.0),
        ({"retry_in_seconds": "soon", "retryAfterMs": "x"}, None),
        ({"retry_in_seconds": -1}, None),
        ({"retry_in_seconds": "nan"}, None),
        ({}, None),
    ],
)
def test_the_delay_is_read_from_each_place_in_the_order_of_trust(extensions, seconds):
    (error,) = parse_errors({"errors": [{"message": "x", "extensions": extensions}]})
    assert error.retry_after == seconds


def test_the_data_of_a_validation_error_is_a_list_and_is_kept():
    data = [{"itemId": "1", "columnIds": ["text"], "message": "Fill it"}]
    (error,) = parse_errors(
        {"errors": [{"message": "x", "extensions": {"code": "DATA_VALIDATIONS_ERROR", "error_data": data}}]}
    )
    assert error.data == data
    assert error.retry_after is None


def test_an_error_without_a_path_concerns_the_whole_document():
    errors = parse_errors(
        {"errors": [{"message": "x"}, {"message": "y", "path": []}, {"message": "z", "path": [0]}]}
    )
    assert [error.alias for error in errors] == [None, None, "0"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {
                "error_code": "ComplexityException",
                "status_code": 429,
                "error_message": "Budget exhausted",
                "error_data": {"retry_in_seconds": 12},
                "account_id": 1,
            },
            GraphError("Budget exhausted", None, "ComplexityException", 429, 12.0, {"retry_in_seconds": 12}),
        ),
        (
            {"error_code": "ComplexityException", "status_code": 429, "errors": ["Budget exhausted"]},
            GraphError("Budget exhausted", None, "ComplexityException", 429, None),
        ),
        ({"errors": ["Not Authenticated"]}, GraphError("Not Authenticated", None, "", None, None)),
        ({"errors": "Not Authenticated"}, GraphError("Not Authenticated", None, "", None, None)),
        ({"errors": {"message": "x"}}, GraphError("x", None, "", None, None)),
        ({"error_message": "x", "status_code": "500"}, GraphError("x", None, "", 500, None)),
        ({"error_code": "x", "error_data": []}, GraphError("", None, "x", None, None, [])),
    ],
)
def test_the_shapes_of_older_versions_and_refusals_are_read(body, error):
    assert parse_errors(body) == (error,)


def test_the_flat_keys_beside_errors_of_the_transition_add_nothing():
    errors = [{"message": "x", "path": ["a0"], "extensions": {"code": "ColumnValueException"}}]
    found = parse_errors({"errors": errors, "error_code": "ColumnValueException", "error_message": "x"})
    assert [(error.alias, error.code) for error in found] == [("a0", "ColumnValueException")]


def test_an_answer_without_errors_has_none():
    assert parse_errors({"data": {"a0": {"id": "1"}}}) == ()
    assert parse_errors({"errors": []}) == ()
    assert parse_errors({"errors": None}) == ()


def test_a_secret_that_a_message_repeats_is_masked():
    remember_secret("tk-51f0c2a9")
    body = {"errors": ["bad token tk-51f0c2a9", {"message": "bad token tk-51f0c2a9"}]}
    assert all("tk-51f0c2a9" not in error.message for error in parse_errors(body))
    (flat,) = parse_errors({"error_message": "bad token tk-51f0c2a9"})
    assert "tk-51f0c2a9" not in flat.message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "errors", "message", "path", "extensions", "code", "status_code", "error_data",
                "retry_in_seconds", "retryAfterMs", "error_code", "error_message",
            ]
        ),
        inner,
        max_size=4,
    ),
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["errors", "error_code", "error_message", "status_code", "error_data"]), json_values
    )
)
def test_any_json_gives_errors_that_can_be_sorted(body):
    for error in parse_errors(body):
        assert classify(error.code, error.message, error.status, error.retry_after).remedy
