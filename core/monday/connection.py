"""How a call reaches the API: certificates always checked, proxies honoured, failures told.

Proxies and certificates of the environment hold as in other programs: HTTPS_PROXY, ALL_PROXY, NO_PROXY (on
Windows and macOS the system's settings too), SSL_CERT_FILE and SSL_CERT_DIR.
"""

import ipaddress
import os
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.request import getproxies

import httpx

from core.errors import ConfigurationError, Problem
from core.monday.errors import ApiFault, FaultKind
from core.redaction import redact, remember_passwords

T = TypeVar("T")

DIRECT = "none"
"""The proxy setting that stands for a direct connection, whatever the environment says."""
_CONNECT_SECONDS = 10.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_EXPIRED, _NOT_YET_VALID, _OTHER_NAME = 10, 9, 62
"""OpenSSL's numbers for why a certificate is refused (openssl-verification-options)."""


def open_http(
    url: str,
    headers: Mapping[str, str],
    *,
    timeout_seconds: float,
    ca_file: str | None = None,
    proxy: str | None = None,
) -> httpx.AsyncClient:
    """The HTTP client for calls to `url`. Reads certificate files, which may take some 20 ms.

    Raises ConfigurationError for an address that would carry the token unencrypted, for a certificate file
    or a proxy setting that cannot be used.
    """
    _require_encryption(url)
    # Without encryption there is nothing to check: this one trusts nobody, and reads no files.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.startswith("http:") else _tls(ca_file)
    if proxy is None:
        for address in getproxies().values():
            remember_passwords(address)
    settings: dict[str, Any] = {"trust_env": proxy is None}
    try:
        if proxy is not None and proxy != DIRECT:
            remember_passwords(proxy)
            over_tls = proxy.startswith("https:")
            settings["proxy"] = httpx.Proxy(proxy, ssl_context=context if over_tls else None)
        return httpx.AsyncClient(
            headers=dict(headers),
            timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, _CONNECT_SECONDS)),
            verify=context,
            # A company's proxy cannot reach the practice board on this machine.
            mounts={f"all://{host}": None for host in _LOOPBACK},
            **settings,
        )
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        reason = "SOCKS is not supported" if isinstance(error, ImportError) else redact(str(error))
        raise ConfigurationError(
            Problem(
                "proxy_invalid",
                f"The proxy setting cannot be used: {reason}",
                "the profile's proxy" if proxy is not None else "HTTPS_PROXY, ALL_PROXY or NO_PROXY",
                "Write it as http://proxy.example.com:8080.",
            )
        ) from None


def _require_encryption(url: str) -> None:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return  # told by the first call
    if address.scheme == "http" and address.host and not _is_loopback(address.host):
        raise ConfigurationError(
            Problem(
                "api_url_not_encrypted",
                "The token would travel unencrypted",
                redact(url),
                "Write api_url with https. Plain http is for the practice board on this machine alone.",
            )
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tls(ca_file: str | None) -> ssl.SSLContext:
    """Checks certificates and names. Trusts the well-known authorities, this machine's and the profile's."""
    from_environment = next(
        (name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), None
    )
    context = _loading(from_environment, httpx.create_ssl_context)
    if from_environment is None:
        context.load_default_certs()
    if ca_file is not None:
        _loading("ca_file", lambda: context.load_verify_locations(ca_file), ca_file)
    return context


def _loading(setting: str | None, load: Callable[[], T], file: str | None = None) -> T:
    try:
        return load()
    except (OSError, ssl.SSLError) as error:
        # An SSLError is an OSError whose words are OpenSSL's own: the file was read and is none of its kind.
        unread = not isinstance(error, ssl.SSLError)
        reason = f"cannot be read: {error.strerror}" if unread else "holds no certificate in PEM form"
        name = setting or "the certificates of this installation"
        raise ConfigurationError(
            Problem(
                "ca_file_unusable",
                f"The certificate file {reason}",
                f"{name}: {file or os.environ.get(name, '')}".rstrip(": "),
                "Name a file with the authority's certificate in PEM form (-----BEGIN CERTIFICATE-----).",
            )
        ) from None


# What went wrong on the way


def transport_fault(error: httpx.HTTPError, url: str, proxy: str | None = None) -> ApiFault:
    """A call without an answer. Whether the request may have arrived decides what may be done about it."""
    if isinstance(error, httpx.UnsupportedProtocol):
        return bad_address(url, error)
    refused = _certificate_error(error)
    if refused is not None:
        return _not_trusted(refused)
    if isinstance(error, httpx.ProxyError):
        return _refused_by_proxy(str(error), url, proxy)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        over = _proxy_in_force(url, proxy)
        return ApiFault(
            FaultKind.TRANSIENT,
            "CANNOT_CONNECT",
            f"No connection{f' over the proxy {over}' if over else ''}: "
            f"{redact(str(error)) or type(error).__name__}",
            "Check the network, the proxy and api_url, then try again.",
        )
    timeout = isinstance(error, httpx.TimeoutException)
    return ApiFault(
        FaultKind.TRANSIENT,
        "NO_ANSWER_IN_TIME" if timeout else "CONNECTION_LOST",
        "No answer came in time" if timeout else "The connection broke before an answer came",
        "Check the network; what was sent is looked up before anything is sent again.",
        may_have_applied=True,
    )


def bad_address(url: str, error: Exception) -> ApiFault:
    """The address that is none."""
    return ApiFault(
        FaultKind.CONFIGURATION,
        "API_URL_INVALID",
        f"'{redact(url)}' is not an address: {redact(str(error))}",
        "Correct api_url, e.g. https://api.monday.com/v2.",
    )


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The refusal of a certificate behind an error of the HTTP library, which wraps it more than once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _not_trusted(error: ssl.SSLCertVerificationError) -> ApiFault:
    remedies = {
        _EXPIRED: "Check this machine's clock; if it is right, the server must renew its certificate.",
        _NOT_YET_VALID: "Check this machine's clock.",
        _OTHER_NAME: "Check api_url: this certificate is another server's.",
    }
    company = (
        "Check api_url. A company network that looks into encrypted traffic has an authority of its own: ask "
        "for its certificate and name the file in ca_file of the profile or in SSL_CERT_FILE."
    )
    return ApiFault(
        FaultKind.CONFIGURATION,
        "TLS_NOT_TRUSTED",
        f"The server's certificate is not trusted: {error.verify_message.rstrip('.')}",
        remedies.get(error.verify_code, company),
    )


def _refused_by_proxy(words: str, url: str, proxy: str | None) -> ApiFault:
    """The proxy opened no way to the API: nothing was sent."""
    status = int(words[:3]) if words[:3].isdecimal() else None
    lasting = status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        remedy = (
            "Put user and password into the proxy's address (HTTPS_PROXY): http://USER:PASSWORD@HOST:PORT."
        )
    else:
        remedy = "Ask who runs the proxy to let api_url through, or set another proxy."
    over = _proxy_in_force(url, proxy)
    return ApiFault(
        FaultKind.CONFIGURATION if lasting else FaultKind.TRANSIENT,
        "PROXY_REFUSED",
        f"The proxy{f' {over}' if over else ''} refused: {redact(words)}",
        remedy,
    )


def _proxy_in_force(url: str, proxy: str | None) -> str:
    """The address of the proxy that calls go over, without user and password; empty when none is known."""
    if proxy is None:
        target = httpx.URL(url)
        known = getproxies()
        # Whether NO_PROXY names this host is the HTTP library's to find out: then nothing is said.
        unsure = _is_loopback(target.host) or "no" in known
        proxy = None if unsure else known.get(target.scheme) or known.get("all")
    if proxy is None or proxy == DIRECT:
        return ""
    try:
        address = httpx.URL(proxy if "://" in proxy else f"http://{proxy}")
    except httpx.InvalidURL:
        return ""
    return f"{address.scheme}://{address.netloc.decode('ascii', 'replace')}"
