"""What `redact` masks, and what it leaves alone."""

import io
import json
import sys
import threading
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.redaction import (
    MASK,
    MaskedStream,
    known_secrets,
    mask_standard_streams,
    redact,
    remember_passwords,
    remember_secret,
)

SECRET = "tk-51f0c2a9"


def test_a_remembered_secret_is_masked_wherever_it_occurs():
    remember_secret(SECRET)
    assert redact(f"{SECRET}, twice: '{SECRET}'") == f"{MASK}, twice: '{MASK}'"


def test_text_without_secrets_stays_as_it_is():
    remember_secret(SECRET)
    text = 'An order for "∆ STUDIO" at 10:30, see https://example.invalid:8080/a?b=c and mail a@b.nl'
    assert redact(text) == text


def test_values_under_six_characters_are_not_remembered():
    remember_secret("32x34")
    assert known_secrets() == ()
    assert redact("size 32x34") == "size 32x34"


def test_a_secret_that_begins_another_one_leaves_no_end_behind():
    remember_secret("abcdef")
    remember_secret("abcdef-and-more")
    assert redact("abcdef-and-more abcdef") == f"{MASK} {MASK}"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cs"]), min_size=6))
@example('p"wd\\x∆')
def test_a_secret_is_masked_as_json_and_addresses_write_it(secret):
    remember_secret(secret)
    for spelling in (
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        quote(secret, safe=""),
    ):
        assert MASK in redact(f"<{spelling}>")
        assert secret not in redact(f"<{spelling}>")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "mssql+pyodbc://sa:hunter2@sql.example.com/ORDERS",
            f"mssql+pyodbc://sa:{MASK}@sql.example.com/ORDERS",
        ),
        ("postgresql://u:p@ss@host/db", f"postgresql://u:{MASK}@host/db"),
        ("DRIVER={x};UID=sa;PWD=hunter2;Encrypt=yes", f"DRIVER={{x}};UID=sa;PWD={MASK};Encrypt=yes"),
        ("UID=sa;PWD={a;b c};Encrypt=yes", f"UID=sa;PWD={MASK};Encrypt=yes"),
        ("Password = hunter2; x", f"Password = {MASK}; x"),
        (
            "mssql+pyodbc:///?odbc_connect=UID%3Dsa%3BPWD%3Dhunter2%3BEncrypt%3Dyes",
            f"mssql+pyodbc:///?odbc_connect=UID%3Dsa%3BPWD%3D{MASK}%3BEncrypt%3Dyes",
        ),
        ("Authorization: abc.def", f"Authorization: {MASK}"),
        ("authorization: Bearer abc.def", f"authorization: Bearer {MASK}"),
        ('{"Authorization": "abc.def"}', f'{{"Authorization": "{MASK}"}}'),
        ("('authorization', b'abc.def')", f"('authorization', b'{MASK}')"),
    ],
)
def test_passwords_and_authorization_headers_are_masked_though_nobody_remembered_them(text, masked):
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    ["Pa\u017f\u017fword=hunter2;", "author\u0131zation: hunter2", "author\u0130zation: hunter2"],
)
def test_letters_that_stand_for_others_hide_no_password(text):
    assert "hunter2" not in redact(text)


def test_masking_keeps_compact_json_readable():
    body = {"page": "http://127.0.0.1:8080/a", "mail": "a@b.nl", "note": 'PWD=x"y', "Authorization": "abc"}
    text = json.dumps(body, separators=(",", ":"))
    masked = json.loads(redact(text))
    assert masked == body | {"note": f'PWD={MASK}"y', "Authorization": MASK}


def test_masking_twice_is_masking_once():
    remember_secret(SECRET)
    once = redact(f"PWD={SECRET};Authorization: {SECRET}")
    assert redact(once) == once


def test_secrets_may_be_remembered_while_another_thread_masks():
    stop = threading.Event()
    failures: list[Exception] = []

    def mask() -> None:
        try:
            while not stop.is_set():
                redact("nothing secret")
        except RuntimeError as error:
            failures.append(error)

    masking = threading.Thread(target=mask)
    masking.start()
    for number in range(2000):
        remember_secret(f"secret-{number}")
    stop.set()
    masking.join()
    assert failures == []


def test_a_masked_stream_writes_no_secret_and_is_otherwise_the_stream_it_wraps():
    remember_secret(SECRET)
    written = io.StringIO()
    stream = MaskedStream(written)
    assert stream.write(f"<{SECRET}>") == len(SECRET) + 2
    stream.writelines([SECRET, "\n"])
    print("PWD=hunter2;", file=stream, flush=True)
    assert written.getvalue() == f"<{MASK}>{MASK}\nPWD={MASK};\n"
    assert stream.getvalue() == written.getvalue()


def test_the_standard_streams_are_masked_once(monkeypatch):
    remember_secret(SECRET)
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", None)  # as in a windowed program
    mask_standard_streams()
    mask_standard_streams()
    print(SECRET)
    assert out.getvalue() == f"{MASK}\n"
    assert sys.stderr is None


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("http://me:p%40ss-word@proxy:8080", "p@ss-word"),
        ("mssql+pyodbc://sa:p+ss%2Bword@sql/ORDERS", "p ss+word"),
        ("mariadb+pyodbc:///?odbc_connect=UID%3Dsa%3BPWD%3D%7Bp%40ssword%7D", "p@ssword"),
        ("Driver=x;PWD={p@ssword};", "p@ssword"),
    ],
)
def test_the_password_of_an_address_is_remembered_as_it_stands_and_decoded(address, secret):
    remember_passwords(address)
    assert redact(f"refused {secret}!") == f"refused {MASK}!"
