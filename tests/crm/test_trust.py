"""Which certificates are trusted: those of the system, of the environment and of the settings."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import certifi
import pytest
from support import certificates, jobs
from support.commands import Commands
from support.crm import granted
from support.servers import Answer, Server, certificate

from batch_editor.crm.client import Client
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Tokens
from batch_editor.crm.trust import certificate_trouble, is_for_all, tls_for
from batch_editor.errors import SettingsError
from batch_editor.model import Reply
from batch_editor.settings.settings import Settings

CHAIN = certificates.KEY + certificates.OF_GATEWAY


@pytest.fixture(autouse=True)
def _usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    path = tmp_path / "company-ca.pem"
    path.write_text(certificates.AUTHORITY, encoding="ascii")
    return path


def asked(url: str, ca_file: Path | None = None) -> Reply:
    with Client(url, Tokens(fixed="t"), Secrets(), timeout=5, ca_file=ca_file) as client:
        return client.info(1591005521987920962)


def test_a_certificate_of_the_companys_gateway_is_trusted_where_the_settings_name_it(tmp_path: Path, authority: Path) -> None:
    with Server(tls=tmp_path, chain=CHAIN) as server:
        refused, answered = asked(server.url), asked(server.url, authority)
    assert (refused.trouble and refused.trouble.key, answered.status) == ("net.certificate", 200)


def test_it_is_trusted_besides_those_that_the_environment_names(
    tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with Server(tls=tmp_path, chain=CHAIN) as gateway, Server(tls=tmp_path) as other:
        assert [asked(gateway.url, authority).status, asked(other.url, authority).status] == [200, 200]


def test_what_the_system_trusts_is_trusted(tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store of this system is another one here: OpenSSL is told where it is as it is built."""
    pytest.importorskip("truststore")
    paths = ssl.get_default_verify_paths()._replace(cafile=str(authority), capath=None)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", lambda context: context.load_verify_locations(authority))
    with Server(tls=tmp_path, chain=CHAIN) as server:
        assert asked(server.url).status == 200


def test_where_the_systems_store_cannot_be_asked_the_list_of_certifi_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    context = tls_for("https")
    listed = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    listed.load_verify_locations(certifi.where())
    assert is_for_all(context)
    assert context.get_ca_certs(binary_form=True) == listed.get_ca_certs(binary_form=True)


def test_a_connection_that_shakes_hands_keeps_no_other_waiting() -> None:
    pytest.importorskip("truststore")
    assert not is_for_all(tls_for("https"))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "company-ca.pem"
    if content is not None:
        path.write_text(content, encoding="ascii")
    with pytest.raises(SettingsError) as caught:
        asked("https://127.0.0.1:1", path)
    assert (caught.value.message.key, caught.value.message.values["path"]) == ("net.ca_file_unusable", path)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        *((code, "net.certificate_expired") for code in (0x800B0101, -2146762495, 0x800B0102, -67818, -67819)),
        *((code, "net.certificate_name") for code in (0x800B010F, -67602)),
        *((code, "net.certificate") for code in (0x800B0109, -67843)),
    ],
)
def test_what_windows_and_macos_call_a_certificate_is_understood(code: int, key: str) -> None:
    error = ssl.SSLCertVerificationError("as the system says it")
    error.verify_code = code
    assert certificate_trouble(error) == key


def test_an_error_without_a_code_is_one_of_trust() -> None:
    assert certificate_trouble(ssl.SSLCertVerificationError("Peer sent no certificates to verify")) == "net.certificate"


# The setting


def test_the_file_is_meant_from_the_folder_of_the_settings_and_is_no_part_of_the_record(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("api: {ca_file: certificates/company.pem}", encoding="utf-8")
    settings = Settings.load(file)
    assert settings.api.ca_file == tmp_path / "certificates" / "company.pem"
    assert "ca_file" not in settings.for_the_record()["api"]


@pytest.mark.parametrize(("value", "key"), [(5, "setting.file_path"), (" ", "setting.string_too_short")])
def test_what_is_no_path_is_refused(value: object, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(api={"ca_file": value})
    assert caught.value.message.values["lines"][0].values["reason"].key == key


def test_settings_beside_a_sheet_do_not_say_whom_credentials_from_elsewhere_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSHOTO_ACCESS_TOKEN", "t")
    file = tmp_path / "config.yaml"
    file.write_text("api: {ca_file: company.pem}", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load_beside(file)
    assert caught.value.message.key == "settings.foreign_trust"


@pytest.mark.parametrize("by_app", [False, True], ids=["edit", "token"])
def test_a_run_trusts_what_the_settings_name_for_tokens_and_for_edits(tmp_path: Path, authority: Path, by_app: bool) -> None:
    jobs.sheet(tmp_path, [11])
    answers = [granted(1), Answer()] if by_app else [Answer()]
    env = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "app", "WSHOTO_APP_SECRET": "secret"} if by_app else {}
    with Server(*answers, tls=tmp_path, chain=CHAIN) as server:
        command = Commands(tmp_path, server.url, api={"ca_file": authority.name})
        done = command("run", "edits.csv", "--concurrency", "1", **env)
        assert len(server.requests) == len(answers)
    assert done.code == 0, done.err


def test_a_run_that_meets_the_gateway_of_a_company_says_what_to_do(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Server(tls=tmp_path, chain=CHAIN) as server:
        done = Commands(tmp_path, server.url)("run", "edits.csv")
    assert done.code == 3 and "api.ca_file" in done.err and "SSL_CERT_FILE" in done.err
