"""IDX files; data sets found in a folder or downloaded from mirrors, and checked each time."""

import gzip
import hashlib
import os
import struct
import sys
import threading
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.checks import message

from nn.data import downloads, fashion_mnist, image_sets, mnist, read_idx
from nn.data.downloads import Collection, Published, cache_folder, read_collection


def idx(array, code):
    """An IDX file, written by its description."""
    array = np.asarray(array)
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


# IDX


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("code", "dtype"),
    [(0x08, "u1"), (0x09, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")],
)
@pytest.mark.parametrize("shape", [(3, 2, 4), (5,), (0, 2)])
def test_every_type_is_read_in_native_byte_order(tmp_path, pack, code, dtype, shape):
    array = np.random.default_rng(0).integers(-100, 100, shape).astype(dtype)
    (tmp_path / "a").write_bytes(pack(idx(array, code)))
    found = read_idx(tmp_path / "a")
    assert found.dtype == np.dtype(dtype)
    assert np.array_equal(found, array)
    found[...] = 0  # an array of one's own


BYTES = idx(np.arange(6, dtype=np.uint8).reshape(2, 3), 8)
CUT_OFF = " It was cut off or damaged on its way; get it anew."
DAMAGED = [
    (b"", "a is no IDX file: it begins with nothing, where IDX files have 00 00, a type (08 for "
     "bytes) and the number of axes."),
    (b"<htm", "a is no IDX file: it begins with 3c 68 74 6d, where IDX files have 00 00, a type "
     "(08 for bytes) and the number of axes."),
    (b"\0\0\x0a\x01", "a is no IDX file: it begins with 00 00 0a 01, where IDX files have 00 00, "
     "a type (08 for bytes) and the number of axes."),
    (BYTES[:9], "a: the IDX file ends within the sizes of its 2 axes."),
    (BYTES[:-1], "a: the IDX file promises an array of (2, 3), 6 bytes, and has only 5." + CUT_OFF),
    (BYTES + b"1", "a: the IDX file promises an array of (2, 3), 6 bytes, and has more." + CUT_OFF),
    (
        struct.pack(">HBB3I", 0, 0x0E, 3, *[2**32 - 1] * 3) + b"1",  # no memory is asked for that
        "a: the IDX file promises an array of (4294967295, 4294967295, 4294967295), "
        f"{8 * (2**32 - 1) ** 3:,} bytes, and has only 1." + CUT_OFF,
    ),
    (
        gzip.compress(BYTES)[:-9],
        "a cannot be unpacked (Compressed file ended before the end-of-stream marker was reached): "
        "it was cut off or damaged on its way",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), DAMAGED)
def test_what_is_no_whole_idx_file_is_refused(tmp_path, monkeypatch, content, expected):
    monkeypatch.chdir(tmp_path)
    Path("a").write_bytes(content)
    assert message(ValueError, lambda: read_idx("a")) == expected


# In the first block's type, in the data, and in the checksum at the end.
@pytest.mark.parametrize("place", [10, 300, 2000, -6])
def test_damage_within_a_packed_file_is_found(tmp_path, place):
    packed = bytearray(gzip.compress(idx(np.arange(1000, dtype="i4") ** 2, 0x0C)))
    packed[place] = 0xFF
    (tmp_path / "a").write_bytes(packed)
    with pytest.raises(ValueError, match="was cut off or damaged on its way"):
        read_idx(tmp_path / "a")


# A data set of four small files, and a server that has them

RNG = np.random.default_rng(0)
X_TRAIN, X_TEST = (RNG.integers(0, 256, (n, 4, 3)).astype(np.uint8) for n in (20, 5))
Y_TRAIN, Y_TEST = (RNG.integers(0, 10, n).astype(np.uint8) for n in (20, 5))
CONTENTS = {
    "train-images": idx(X_TRAIN, 8),
    "train-labels": idx(Y_TRAIN, 8),
    "t10k-images": idx(X_TEST, 8),
    "t10k-labels": idx(Y_TEST, 8),
}
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in CONTENTS.items()}


def small(*mirrors, packed=True):
    def published(name, content):
        if not packed:
            return Published(name, len(content), "sha256:" + hashlib.sha256(content).hexdigest())
        sha = hashlib.sha256(PACKED[f"{name}.gz"]).hexdigest()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return Published(name, len(content), f"md5:{md5}", sha)

    files = [published(*item) for item in CONTENTS.items()]
    return Collection("small", mirrors, files)


class Handler(BaseHTTPRequestHandler):
    """The first part of a path says how the server behaves, the second which file it is about."""

    def do_GET(self):
        _, behaviour, name = self.path.split("/")
        self.server.asked.append((behaviour, name))
        data = PACKED[name]
        if behaviour == "absent":
            self.send_error(404)
            return
        if behaviour == "tampered":
            data = gzip.compress(CONTENTS[name[:-3]][:-1] + b"!", mtime=0)
        elif behaviour == "shortened":
            data = gzip.compress(CONTENTS[name[:-3]][:-1], mtime=0)
        elif behaviour == "page":
            data = b"<html>Please log in.</html>"
        elif behaviour == "endless":
            data = data + bytes(1 << 20)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if behaviour == "truncated":
            data = data[:-20]
        if behaviour == "stalled":
            self.wfile.write(data[:20])
            self.server.over.wait(10)
            return
        if behaviour == "slow":
            for i in range(len(data)):
                self.wfile.write(data[i : i + 1])
                time.sleep(0.001)
            return
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def running():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(running, monkeypatch, tmp_path):
    """The server, with a cache folder of the test's own."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(downloads, "TIMEOUT", 5)
    running.asked = []
    running.folder = tmp_path / "readable-autograd" / "small"
    running.mirror = lambda behaviour: f"http://127.0.0.1:{running.server_port}/{behaviour}/"
    return running


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


@pytest.mark.parametrize("packed", [False, True])
def test_files_are_downloaded_once_and_kept(server, packed):
    collection = small(server.mirror("good"), packed=packed)
    assert read_collection(collection, None) == CONTENTS
    assert server.asked == [("good", name) for name in PACKED]
    assert files_in(server.folder) == PACKED  # and nothing unfinished
    assert read_collection(collection, None) == CONTENTS
    assert len(server.asked) == 4


REASONS = {
    "absent": "HTTP Error 404: Not Found",
    "truncated": "the connection ended after {less} of {size} bytes",
    "tampered": "its content has the checksum sha256:",
    "shortened": "it ends after 75 of 76 bytes unpacked",
    "page": "it ends after 27 of 76 bytes unpacked",
    "endless": "it is longer than the file published, ",
    "stalled": "timed out",
}


@pytest.mark.parametrize("behaviour", REASONS)
def test_what_a_mirror_gets_wrong_the_next_one_mends(server, behaviour, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.2 if behaviour == "stalled" else 5)
    collection = small(server.mirror(behaviour), server.mirror("good"), packed=False)
    assert read_collection(collection, None) == CONTENTS
    assert files_in(server.folder) == PACKED
    assert server.asked[:2] == [(behaviour, "train-images.gz"), ("good", "train-images.gz")]


@pytest.mark.parametrize("behaviour", REASONS)
def test_if_no_mirror_is_right_nothing_is_kept_and_the_error_says_why(
    server, behaviour, monkeypatch
):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.2 if behaviour == "stalled" else 5)
    mirror = server.mirror(behaviour)
    files = [one for one in small(packed=False).files if one.name == "t10k-images"]
    collection = Collection("small", [mirror], files)
    found = message(ConnectionError, lambda: read_collection(collection, None))
    size = len(PACKED["t10k-images.gz"])
    reason = REASONS[behaviour].format(less=size - 20, size=size)
    lines = found.splitlines()
    assert lines[0] == "small: t10k-images.gz could not be downloaded:"
    assert lines[1].startswith(f"  {mirror}t10k-images.gz: {reason}")
    assert lines[2] == (
        "Is this machine offline? Then bring the files from another. It takes t10k-images.gz, "
        f"packed or not, from {mirror}, in {server.folder}. Or name the folder they are in: "
        "nn.data.small(folder)."
    )
    assert files_in(server.folder) == {}


def test_a_slow_server_is_waited_for_as_long_as_it_sends(server, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", 0.1)
    collection = small(server.mirror("slow"), server.mirror("good"))
    assert read_collection(collection, None) == CONTENTS
    assert {behaviour for behaviour, _ in server.asked} == {"slow"}


def test_without_a_connection_the_error_says_what_to_bring(server):
    address = "http://127.0.0.1:9/"  # where nobody listens
    found = message(ConnectionError, lambda: read_collection(small(address), None))
    assert "train-images.gz: <urlopen error" in found
    assert (
        "train-images.gz, train-labels.gz, t10k-images.gz, t10k-labels.gz, packed or not" in found
    )


def test_a_download_is_repacked_by_nobody(server):
    """Where the packed file's SHA-256 is known, it is checked besides its content."""
    files = [one._replace(packed="0" * 64) for one in small().files]
    collection = Collection("small", [server.mirror("good")], files)
    found = message(ConnectionError, lambda: read_collection(collection, None))
    assert f"its SHA-256 is not {'0' * 64}, as published" in found


def test_a_progress_bar_is_shown_in_a_terminal_and_in_a_notebook_only(server, monkeypatch):
    class Terminal(StringIO):
        def isatty(self):
            return True

    def shown(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        downloads._fetch(server.mirror("good") + "train-images.gz", 1000)
        return "train-images.gz:   0%" in stream.getvalue()

    assert shown(Terminal())
    assert not shown(StringIO())
    in_a_notebook = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", in_a_notebook)
    assert shown(StringIO())


# Folders


@pytest.fixture
def folder(tmp_path):
    for i, (name, content) in enumerate(CONTENTS.items()):
        if i % 2:
            (tmp_path / name).write_bytes(content)
        else:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content, 1))  # packed by others
    return tmp_path


@pytest.mark.parametrize("packed", [False, True])
def test_files_in_a_folder_may_be_packed_or_not(folder, packed):
    assert read_collection(small(packed=packed), folder) == CONTENTS
    assert read_collection(small(packed=packed), str(folder)) == CONTENTS


@pytest.mark.parametrize("name", ["train-images.gz", "t10k-labels"])
@pytest.mark.parametrize("damage", ["tampered", "truncated", "longer", "empty", "bomb"])
def test_files_in_a_folder_that_are_not_as_published_are_refused(folder, name, damage):
    path = folder / name
    content = CONTENTS[name.removesuffix(".gz")]
    pack = gzip.compress if name.endswith(".gz") else bytes
    path.write_bytes(
        {
            "tampered": pack(content[:-1] + b"!"),
            "truncated": path.read_bytes()[:-6],
            "longer": pack(content + b"!"),
            "empty": b"",
            "bomb": gzip.compress(bytes(10_000_000)),
        }[damage]
    )
    found = message(ValueError, lambda: read_collection(small(packed=False), folder))
    assert found.startswith(f"{path} is not the file as published: ")
    assert found.endswith(" It is not used. Delete it, and get it anew.")


def test_what_unpacks_to_far_too_much_is_not_unpacked(folder):
    (folder / "t10k-images.gz").write_bytes(gzip.compress(bytes(50_000_000)))
    tracemalloc.start()
    try:
        message(ValueError, lambda: read_collection(small(), folder))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_named_and_not_downloaded(server, folder):
    (folder / "t10k-labels").unlink()
    collection = small(server.mirror("good"))
    assert message(FileNotFoundError, lambda: read_collection(collection, folder)) == (
        f"small: t10k-labels (or t10k-labels.gz) is not in {folder}. It takes train-images.gz, "
        "train-labels.gz, t10k-images.gz, t10k-labels.gz, packed or not, from "
        f"{server.mirror('good')}, in {folder}. Without a folder, they are downloaded."
    )
    assert server.asked == []


def test_a_damaged_file_in_the_cache_is_refused_too(server):
    collection = small(server.mirror("good"))
    read_collection(collection, None)
    path = server.folder / "t10k-labels.gz"
    path.write_bytes(path.read_bytes()[:-6])
    assert "is not the file as published" in message(
        ValueError, lambda: read_collection(collection, None)
    )
    path.unlink()
    assert read_collection(collection, None) == CONTENTS


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/elsewhere"}, "/elsewhere/readable-autograd"),
        ("linux", {}, "/home/ada/.cache/readable-autograd"),
        ("darwin", {}, "/home/ada/Library/Caches/readable-autograd"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/readable-autograd"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(monkeypatch, platform, environment, expected):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected)


# MNIST itself


@pytest.mark.parametrize(("load", "name"), [(mnist, "MNIST"), (fashion_mnist, "FASHION_MNIST")])
def test_images_come_as_flat_rows_from_0_to_1_with_whole_labels(folder, monkeypatch, load, name):
    monkeypatch.setattr(image_sets, name, small())
    (x_train, y_train), (x_test, y_test) = load(folder)
    assert (x_train.dtype, y_train.dtype) == (np.float32, np.int64)
    assert np.array_equal(x_train, X_TRAIN.reshape(20, 12) / np.float32(255))
    assert np.array_equal(x_test, X_TEST.reshape(5, 12) / np.float32(255))
    assert np.array_equal(y_train, Y_TRAIN)
    assert np.array_equal(y_test, Y_TEST)


@pytest.mark.parametrize("collection", [image_sets.MNIST, image_sets.FASHION_MNIST])
def test_the_published_files_are_listed_in_full(collection):
    assert [file.name for file in collection.files] == [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ]
    # A header of 4 bytes and 4 for each axis, and a byte for each pixel or label.
    assert [file.size for file in collection.files] == [
        16 + 60_000 * 784,
        8 + 60_000,
        16 + 10_000 * 784,
        8 + 10_000,
    ]
    assert len({file.content for file in collection.files}) == 4
    assert len(collection.mirrors) > 1
    assert all(mirror.endswith("/") for mirror in collection.mirrors)
    for file in collection.files:  # a download is held to SHA-256, one way or the other
        assert file.content.startswith("sha256:") or len(file.packed) == 64


@pytest.mark.skipif("MNIST_FOLDER" not in os.environ, reason="MNIST_FOLDER names no folder")
def test_the_real_files_are_accepted():
    (x_train, y_train), (x_test, y_test) = mnist(os.environ["MNIST_FOLDER"])
    assert (x_train.shape, x_test.shape) == ((60_000, 784), (10_000, 784))
    # Counts of each digit, as published with many a copy of the data.
    assert np.bincount(y_train).tolist() == [
        *(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
    ]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (x_train.min(), x_train.max()) == (0, 1)
    assert round(float(x_train.mean(dtype=np.float64)), 4) == 0.1307  # as PyTorch's example has it
