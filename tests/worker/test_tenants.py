"""For whom a worker sends: each tenant by its own file, whatever becomes of the files of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from batch_editor.errors import SettingsError
from batch_editor.settings.settings import Settings
from batch_editor.worker import tenants as module
from batch_editor.worker.notes import Note
from batch_editor.worker.tenants import Tenants


class House:
    """A folder with the settings of a worker, and a file for each tenant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: list[Note] = []
        self.now = 0.0

    def write(self, name: str, text: str) -> Path:
        path = self.folder / f"{name}.yaml"
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(before + 10**9, before + 10**9))  # whatever the clock of the disk shows
        return path

    def tenant(self, name: str, text: str = "") -> Path:
        return self.write(name, f"api: {{app_id: app-{name}, app_secret: secret-of-{name}{text}}}")

    def open(self, *names: str, text: str = "") -> Tenants:
        tenants = f"tenants: {{{', '.join(f'{name}: {name}.yaml' for name in names)}}}" if names else ""
        config = self.write("config", f"{tenants}\n{text}")
        return Tenants(Settings.load(config), config, self.notes.append, clock=lambda: self.now)

    def told(self) -> list[tuple[str, object]]:
        notes = [(note.message.key, note.message.values["tenant"]) for note in self.notes]
        self.notes.clear()
        return notes


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def names(tenants: Tenants) -> list[str]:
    return [tenant.name for tenant in tenants.served]


def secret(tenants: Tenants, number: int = 0) -> str:
    value = tenants.served[number].settings.api.app_secret
    assert value is not None
    return value.get_secret_value()


def test_each_tenant_has_what_its_own_file_says(house: House) -> None:
    for name in ("acme", "globex"):
        house.tenant(name)
    tenants = house.open("acme", "globex", text="worker: {lease: 7}\nstate_dir: /of/the/worker")
    for number, tenant in enumerate(tenants.served):
        assert (tenant.settings.api.app_id, secret(tenants, number)) == (f"app-{tenant.name}", f"secret-of-{tenant.name}")
        assert (tenant.settings.worker.lease, str(tenant.settings.state_dir)) == (7, "/of/the/worker")
        assert tenants.of(tenant.key) is tenant
    assert names(tenants) == ["acme", "globex"]
    assert [*tenants.keys()] == [tenant.key for tenant in tenants.served]
    assert house.told() == []


@pytest.mark.parametrize(
    "text",
    [
        None,
        "api: [",
        "api: {app_id: app-globex}",
        "rate: {limits: [often]}\napi: {access_token: abcdefgh}",
        "nonsense: 1",
        "",
        "api: {access_token: ''}",
    ],
)
def test_a_file_that_cannot_be_used_touches_nobody_else(house: House, text: str | None) -> None:
    house.tenant("acme")
    if text is not None:
        house.write("globex", text)
    tenants = house.open("globex", "acme")
    assert names(tenants) == ["acme"]
    assert house.told() == [("worker.tenant_broken", "globex")]
    assert not tenants.look_again()
    assert house.told() == []  # it is told once
    house.tenant("globex")
    assert tenants.look_again()
    assert names(tenants) == ["globex", "acme"]
    assert house.told() == [("worker.tenant_read", "globex")]


def test_a_file_that_changes_while_the_worker_runs_is_read_again(house: House) -> None:
    house.tenant("acme")
    house.tenant("globex")
    tenants = house.open("acme", "globex")
    (acme, globex) = tenants.served
    house.write("acme", "api: {app_id: app-acme, app_secret: the-next-one}\nrate: {limits: [9/second]}")
    assert not tenants.look_again()  # the same tenants
    (now, same) = tenants.served
    assert same is globex
    assert (now.key, secret(tenants)) == (acme.key, "the-next-one")
    assert now.settings.rate.limits == ("9/second",)
    house.write("acme", "api: {")
    assert tenants.look_again()
    assert tenants.of(acme.key) is None
    (house.folder / "globex.yaml").unlink()
    assert tenants.look_again()
    assert names(tenants) == [] == [*tenants.keys()]
    assert house.told() == [
        ("worker.tenant_read", "acme"),
        ("worker.tenant_broken", "acme"),
        ("worker.tenant_broken", "globex"),
    ]


def test_two_files_of_one_tenant_are_refused_with_both_names_and_what_to_do(house: House) -> None:
    house.tenant("acme")
    house.write("copy", "api: {app_id: app-acme, app_secret: another}")
    with pytest.raises(SettingsError) as error:
        house.open("acme", "copy")
    for word in ("acme", "copy", "acme.yaml", "copy.yaml", "api.tenant"):
        assert word in str(error.value)
    house.write("copy", "api: {app_id: app-acme, app_secret: another, tenant: copy}")
    assert names(house.open("acme", "copy")) == ["acme", "copy"]


def test_a_file_that_becomes_that_of_another_tenant_leaves_the_other_one_alone(house: House) -> None:
    house.tenant("acme")
    house.tenant("globex")
    tenants = house.open("acme", "globex")
    house.write("globex", "api: {app_id: app-acme, app_secret: secret-of-globex}")
    tenants.look_again()
    assert names(tenants) == ["acme"]
    assert secret(tenants) == "secret-of-acme"
    assert getattr(house.notes[0].message.values["reason"], "key", "") == "worker.same_tenant"


def test_tenants_come_and_go_with_the_settings_of_the_worker(house: House) -> None:
    for name in ("acme", "globex", "initech"):
        house.tenant(name)
    tenants = house.open("acme", "globex")
    house.write("config", "tenants: {globex: globex.yaml, initech: initech.yaml}")
    assert tenants.look_again()
    assert names(tenants) == ["globex", "initech"]
    house.write("config", "tenants: {globex: [}")
    assert not tenants.look_again()
    assert names(tenants) == ["globex", "initech"]
    assert house.told() == [("worker.tenant_read", "initech"), ("worker.settings_broken", "")]
    house.write("config", "api: {app_id: a, app_secret: b}")
    tenants.look_again()
    assert names(tenants) == ["globex", "initech"]
    assert getattr(house.notes[0].message.values["reason"], "key", "") == "worker.other_kind"


def test_without_tenants_it_is_that_of_the_settings_themselves(house: House) -> None:
    tenants = house.open(text="api: {app_id: a, app_secret: b}")
    (tenant,) = tenants.served
    assert (tenant.name, tenant.settings.api.app_id) == ("", "a")
    house.write("config", "api: {app_id: a, app_secret: c}")
    assert not tenants.look_again()
    assert secret(tenants) == "c"
    assert house.told() == [("worker.settings_read", "")]
    house.write("config", "api: {app_id: a}")
    tenants.look_again()
    assert secret(tenants) == "c"
    assert house.told() == [("worker.settings_broken", "")]


def test_without_tenants_and_access_it_is_refused(house: House) -> None:
    with pytest.raises(SettingsError) as error:
        house.open()
    assert error.value.message.key == "settings.no_credentials"


def test_a_tenant_for_whom_nothing_can_be_sent_rests_until_a_minute_is_over_or_its_file_is_new(house: House) -> None:
    house.tenant("acme")
    house.tenant("globex")
    tenants = house.open("acme", "globex")
    acme, globex = (tenant.key for tenant in tenants.served)
    tenants.rest(acme)
    assert [*tenants.keys()] == [globex]
    house.now = module.REST
    assert [*tenants.keys()] == [acme, globex]
    tenants.rest(acme)
    house.tenant("acme", ", timeout: 9")
    tenants.look_again()
    assert [*tenants.keys()] == [acme, globex]


def test_no_note_holds_a_secret(house: House) -> None:
    house.write("acme", "api: {app_id: a, app_secret: 's3cret', base_url: 's3cret'}")
    house.open("acme")
    assert house.notes
    assert "s3cret" not in repr(house.notes)
