import multiprocessing
import stat

import pytest
from cryptography.fernet import Fernet

from rhapsode.accounts.secrets import KEY_FILE, SecretBox, load_secret_box
from rhapsode.errors import ConfigurationError


def test_what_is_sealed_can_be_opened_and_not_read():
    box = SecretBox([Fernet.generate_key().decode()])
    sealed = box.seal("sk-123")
    assert "sk-123" not in sealed
    assert box.open(sealed) == "sk-123"


def test_old_keys_open_and_the_newest_seals():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = SecretBox([old]).seal("sk-123")
    both = SecretBox([new, old])
    assert both.open(sealed) == "sk-123"
    assert SecretBox([new]).open(both.seal("sk-456")) == "sk-456"


def test_a_foreign_key_opens_nothing():
    sealed = SecretBox([Fernet.generate_key().decode()]).seal("sk-123")
    with pytest.raises(ConfigurationError):
        SecretBox([Fernet.generate_key().decode()]).open(sealed)


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path):
    sealed = load_secret_box(tmp_path, None).seal("sk-123")
    assert load_secret_box(tmp_path, None).open(sealed) == "sk-123"
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def _make_key(data_dir, sealed):
    sealed.put(load_secret_box(data_dir, None).seal("sk-123"))


def test_processes_that_start_at_once_share_one_key(tmp_path):
    start = multiprocessing.get_context("spawn")
    sealed = start.Queue()
    processes = [start.Process(target=_make_key, args=(tmp_path, sealed)) for _ in range(4)]
    for process in processes:
        process.start()
    box_contents = [sealed.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    box = load_secret_box(tmp_path, None)
    assert [box.open(content) for content in box_contents] == ["sk-123"] * 4


def test_the_operators_keys_come_first_and_need_no_file(tmp_path):
    keys = f"{Fernet.generate_key().decode()}, {Fernet.generate_key().decode()}"
    box = load_secret_box(tmp_path, keys)
    assert box.open(box.seal("sk-123")) == "sk-123"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", ["not a key", ","])
def test_what_is_no_key_is_refused(tmp_path, keys):
    with pytest.raises(ConfigurationError):
        load_secret_box(tmp_path, keys)
