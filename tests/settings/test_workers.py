"""The settings of workers, and the files of their tenants."""

from __future__ import annotations

import pytest

from batch_editor.errors import SettingsError
from batch_editor.settings.settings import Settings


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("worker: {lease: 0}", "worker.lease"),
        ("worker: {lease: yes}", "worker.lease"),
        ("worker: {shards: 0}", "worker.shards"),
        ("worker: {shards: 65}", "worker.shards"),
        ("worker: {rows_per_shard: 0}", "worker.rows_per_shard"),
        ("worker: {leases: 5}", "worker.leases"),
        ("tenants: {acme: 7}", "tenants.acme"),
        ("tenants: {acme: ''}", "tenants.acme"),
        ("tenants: [acme.yaml]", "tenants"),
        ("tenants: {'': acme.yaml}", "tenants"),
    ],
)
def test_what_no_worker_can_do_is_refused_by_the_key(tmp_path, text, key):
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        Settings.load(tmp_path / "config.yaml")
    assert key in str(error.value)


def test_without_them_a_worker_has_what_the_example_says():
    settings = Settings()
    assert (settings.worker.lease, settings.worker.shards, settings.worker.rows_per_shard) == (15, 4, 500)
    assert settings.tenants == {}


def test_the_files_of_tenants_are_meant_from_the_folder_of_the_settings_on(tmp_path):
    (tmp_path / "config.yaml").write_text("tenants: {acme: tenants/acme.yaml, 7: /elsewhere/seven.yaml}", encoding="utf-8")
    assert Settings.load(tmp_path / "config.yaml").tenants == {
        "acme": tmp_path / "tenants" / "acme.yaml",
        "7": type(tmp_path)("/elsewhere/seven.yaml"),
    }


def test_the_environment_counts_for_no_file_of_a_tenant(tmp_path, monkeypatch):
    (tmp_path / "acme.yaml").write_text("api: {app_id: acme, app_secret: of-acme}\nrate: {concurrency: 2}", encoding="utf-8")
    monkeypatch.setenv("WSHOTO_ACCESS_TOKEN", "of-somebody-else")
    monkeypatch.setenv("BATCH_EDITOR_API__BASE_URL", "https://other.example.com")
    monkeypatch.setenv("BATCH_EDITOR_RATE__CONCURRENCY", "9")
    settings = Settings.of_tenant(tmp_path / "acme.yaml")
    assert settings.api.access_token is None
    assert (settings.api.app_id, settings.rate.concurrency) == ("acme", 2)
    assert settings.api.base_url == Settings.model_fields["api"].default.base_url
    assert Settings.load(tmp_path / "acme.yaml").rate.concurrency == 9


def test_the_record_of_a_run_holds_nothing_of_workers_and_other_tenants(tmp_path):
    (tmp_path / "config.yaml").write_text("tenants: {acme: acme.yaml}\nworker: {lease: 9}", encoding="utf-8")
    assert not {"tenants", "worker"} & Settings.load(tmp_path / "config.yaml").for_the_record().keys()
