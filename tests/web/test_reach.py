"""From where the page can be reached, and what is asked before it is."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from support.visitors import PASSWORD, cheap_passwords

from batch_editor.errors import Refused
from batch_editor.settings.sections import Web
from batch_editor.web import reach as reach_module
from batch_editor.web.certificate import names_of
from batch_editor.web.people import People
from batch_editor.web.reach import Reach, reach

FILES = Path(__file__).parent / "files"
TLS = {"certificate": FILES / "page.crt", "key": FILES / "page.key"}
NO_TLS: dict[str, Any] = {"certificate": None, "key": None}
PROXY = NO_TLS | {"behind_proxy": True}
BEYOND = ["0.0.0.0", "::", "[::]", "192.0.2.7", "::ffff:192.0.2.7", "::ffff:0.0.0.0", "page.example", "fe80::1", "0", "*.local"]  # noqa: S104
HERE = ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2", "::ffff:127.0.0.1", "127.1", " localhost ", "LOCALHOST"]


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    cheap_passwords(monkeypatch)
    return People(tmp_path)


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names lead to addresses, whatever this machine knows of them, and every address is one of this machine."""
    look_up = reach_module.socket.getaddrinfo

    def known(host: str, *more: Any, **options: Any) -> Any:
        names = {
            "page.example": ["127.0.0.1", "192.0.2.7"],
            "localhost": ["127.0.0.1", "::1"],
            "mapped.example": ["::ffff:192.0.2.7"],
        }
        if host.casefold() in names:
            return [(0, 0, 0, "", (address, 0)) for address in names[host.casefold()]]
        return look_up("192.0.2.7" if host == "*.local" else host, *more, **options)

    monkeypatch.setattr(reach_module.socket, "getaddrinfo", known)
    monkeypatch.setattr(reach_module, "_is_here", lambda address: True)


def refused(*given: Any, **options: Any) -> str:
    with pytest.raises(Refused) as error:
        reach(*given, **options)
    return error.value.message.key


@pytest.mark.parametrize("host", HERE)
def test_this_machine_asks_for_nothing(host: str, people: People) -> None:
    reached = reach(host, Web(), people, **NO_TLS)
    assert not reached.needs_login and reached.scheme == "http" and reached.proxies == ()
    assert reached.address in ("127.0.0.1", "127.0.0.2", "::1")


@pytest.mark.parametrize("host", [*BEYOND, "mapped.example"])
def test_beyond_it_there_must_be_tls_and_people(host: str, people: People) -> None:
    """Also where one of the addresses of a name is this machine."""
    assert refused(host, Web(), people, **NO_TLS) == "page.needs_tls"
    assert refused(host, Web(), people, **TLS) == "page.needs_people"
    people.set_password("x", PASSWORD)
    assert refused(host, Web(), people, **NO_TLS) == "page.needs_tls"
    reached = reach(host, Web(), people, **TLS)
    assert reached.needs_login and reached.scheme == "https"


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.7"])
def test_behind_a_proxy_there_must_be_people_and_a_name(host: str, people: People) -> None:
    """Also on this machine, since the proxy lets in others."""
    assert refused(host, Web(), people, **PROXY) == "page.needs_people"
    people.set_password("x", PASSWORD)
    assert refused(host, Web(), people, **PROXY) == "page.needs_hosts"
    reached = reach(host, Web(hosts=("crm-edit.example.com",)), people, **PROXY)
    assert reached.needs_login and reached.names == ("crm-edit.example.com",)


@pytest.mark.parametrize("host", ["", "  ", "no.such.host.invalid", "x" * 300, "http://127.0.0.1", "127.0.0.1:80", "[::1", "*"])
def test_what_is_no_address_of_this_machine_is_refused(host: str, people: People) -> None:
    if host == "[::1":
        return
    assert refused(host, Web(), people, **NO_TLS) == "page.host_not_here"


def test_an_address_of_another_machine_is_refused(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert refused("192.0.2.7", Web(), people, **TLS) == "page.host_not_here"


@pytest.mark.parametrize(
    ("certificate", "key", "why"),
    [
        ("page.crt", None, "page.tls_half"),
        (None, "page.key", "page.tls_half"),
        ("page.crt", "other.key", "page.tls_mismatch"),
        ("page.crt", "sealed.key", "page.tls_passphrase"),
        ("page.crt", "page.crt", "page.tls_unusable"),
        ("page.key", "page.key", "page.tls_unusable"),
        ("nothing", "page.key", "page.tls_unreadable"),
        ("page.crt", "nothing", "page.tls_unreadable"),
        (".", "page.key", "page.tls_unreadable"),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_a_certificate_that_cannot_be_used_is_refused_in_words(
    certificate: str | None, key: str | None, why: str, host: str, people: People
) -> None:
    files = {"certificate": FILES / certificate if certificate else None, "key": FILES / key if key else None}
    assert refused(host, Web(), people, **files) == why


def test_the_names_of_a_certificate_are_read_from_it(tmp_path: Path) -> None:
    names = ("localhost", "crm-edit.example.com", "*.sales.example.com", "127.0.0.1", "::1")
    assert names_of(FILES / "page.crt") == names
    for text in ("", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (tmp_path / "x.crt").write_text(text, encoding="utf-8")
        assert names_of(tmp_path / "x.crt") == ()
    der = ssl.PEM_cert_to_DER_cert((FILES / "page.crt").read_text(encoding="utf-8"))
    for length in range(0, len(der), 9):  # cut anywhere
        (tmp_path / "x.crt").write_text(ssl.DER_cert_to_PEM_cert(der[:length]), encoding="utf-8")
        assert set(names_of(tmp_path / "x.crt")) <= set(names)


OF_CERTIFICATE = Reach("0.0.0.0", "0.0.0.0", needs_login=True, certificate=Path("x"), names=("crm.example", "*.sales.example"))  # noqa: S104


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("crm.example:8443", True),
        ("CRM.example.:8443", True),
        ("a.sales.example:8443", True),
        ("192.0.2.7:8443", True),
        ("crm.example", False),
        ("crm.example:443", False),
        ("a.b.sales.example:8443", False),
        ("sales.example:8443", False),
        (".sales.example:8443", False),
        ("192.0.2.8:8443", False),
        ("localhost:8443", False),
        ("127.0.0.1:8443", False),
        ("0.0.0.0:8443", False),
        ("", False),
        (":8443", False),
        ("crm.example:", False),
        ("crm.example:8443:8443", False),
        ("user@crm.example:8443", False),
        ("crm.example:８４４３", False),
        ("*.sales.example:8443", False),
    ],
)
def test_a_host_is_ours_by_the_address_and_by_the_names_of_the_certificate(host: str, is_ours: bool) -> None:
    asked = OF_CERTIFICATE.asked("203.0.113.9", ("192.0.2.7", 8443), {"host": host, "x-forwarded-host": "crm.example:8443"})
    assert (asked is not None) == is_ours
    if asked:
        assert (asked.scheme, asked.host, asked.address) == ("https", host, "203.0.113.9")


def test_on_the_usual_port_a_host_has_none() -> None:
    assert OF_CERTIFICATE.asked("203.0.113.9", ("192.0.2.7", 443), {"host": "crm.example"})
    assert OF_CERTIFICATE.asked("203.0.113.9", ("192.0.2.7", 443), {"host": "crm.example:443"})


BEHIND = Reach(needs_login=True, names=("crm.example",), proxies=("127.0.0.1/32", "10.0.0.0/24"))
OF_PROXY = {
    "host": "127.0.0.1:8780",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "crm.example",
    "x-forwarded-for": "9.9.9.9",
}


@pytest.mark.parametrize(
    ("peer", "change", "address"),
    [
        ("127.0.0.1", {}, "9.9.9.9"),
        ("::ffff:10.0.0.7", {}, "9.9.9.9"),
        ("127.0.0.1", {"x-forwarded-for": "1.1.1.1, 9.9.9.9"}, "9.9.9.9"),
        ("127.0.0.1", {"x-forwarded-for": ""}, "127.0.0.1"),
        ("127.0.0.1", {"x-forwarded-host": "", "host": "crm.example"}, "9.9.9.9"),
        ("127.0.0.1", {"x-forwarded-host": "crm.example:8443"}, "9.9.9.9"),
        ("10.0.1.7", {}, None),
        ("203.0.113.9", {}, None),
        ("", {}, None),
        ("127.0.0.1", {"x-forwarded-proto": "http"}, None),
        ("127.0.0.1", {"x-forwarded-proto": "https, http"}, None),
        ("127.0.0.1", {"x-forwarded-proto": ""}, None),
        ("127.0.0.1", {"x-forwarded-host": "evil.example"}, None),
        ("127.0.0.1", {"x-forwarded-host": "crm.example, evil.example"}, None),
        ("127.0.0.1", {"x-forwarded-host": ""}, None),
    ],
)
def test_only_the_proxy_is_believed_and_only_what_it_has_added(peer: str, change: dict[str, str], address: str | None) -> None:
    asked = BEHIND.asked(peer, ("127.0.0.1", 8780), OF_PROXY | change)
    assert (asked and asked.address) == address
    assert asked is None or asked.scheme == "https"


def test_without_a_proxy_nobody_is_believed() -> None:
    asked = Reach().asked("127.0.0.1", ("127.0.0.1", 8780), OF_PROXY)
    assert asked is not None and (asked.scheme, asked.host, asked.address) == ("http", "127.0.0.1:8780", "127.0.0.1")
