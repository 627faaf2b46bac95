"""Tables of the user's own, from CSV and NPZ files."""

import pickle

import numpy as np
import pytest
from support.checks import message

import autograd
from nn.data import read_csv, read_npz

HOUSES = """\
area,heating,floor,price
50,gas,2,100.5
80,oil,,160
,gas,3,150
60,,1,90
"""
COMPLETE = "area,heating,price\n50,gas,100.5\n80,oil,160\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes files into the current folder, so that messages have short names."""
    monkeypatch.chdir(tmp_path)

    def write(content, name="data.csv"):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return name

    return write


# CSV


def test_numbers_stay_and_categories_become_columns(write):
    table = read_csv(write(COMPLETE), target="price")
    assert table.x.tolist() == [[50, 1, 0], [80, 0, 1]]
    assert table.feature_names == ["area", "heating=gas", "heating=oil"]
    assert table.y.tolist() == [[100.5], [160]]
    assert table.classes is None
    assert (table.x.dtype, table.y.dtype) == (np.float32, np.float32)


def test_a_categorical_target_becomes_the_numbers_of_its_classes(write):
    table = read_csv(write(COMPLETE), target="heating")
    assert (table.y.tolist(), table.y.dtype) == ([0, 1], np.int64)
    assert table.classes == ["gas", "oil"]
    assert table.feature_names == ["area", "price"]
    assert repr(table) == "Table(2 rows; features area, price; target 'heating': classes gas, oil)"


def test_without_a_target_all_columns_are_features(write):
    table = read_csv(write(COMPLETE))
    assert (table.y, table.classes, table.target) == (None, None, None)
    assert table.feature_names[-1] == "price"
    assert repr(table).endswith("; no target)")


def test_numbers_may_be_names_sorted_as_numbers(write):
    table = read_csv(write("digit,ink\n10,1\n9,2\n10,3\n"), "digit", categorical=["digit"])
    assert table.classes == ["9", "10"]
    assert table.y.tolist() == [1, 0, 1]


def test_columns_can_be_left_out(write):
    table = read_csv(write(COMPLETE), target="price", ignore=["heating"])
    assert table.feature_names == ["area"]


def test_quotes_blanks_empty_lines_and_a_byte_order_mark_are_understood(write):
    text = '\ufeffname ,size\r\n\r\n"a, ""b""\nc",  1.5 \r\n\r\nd,-2e1\r\n'
    table = read_csv(write(text), "size")
    assert table.feature_names == ['name=a, "b"\nc', "name=d"]
    assert table.y.tolist() == [[1.5], [-20]]


def test_other_delimiters_can_be_said(write):
    assert read_csv(write("a\tb\n1\t2\n"), delimiter="\t").x.tolist() == [[1, 2]]


def test_the_default_dtype_is_kept_to(write):
    autograd.set_default_dtype(np.float64)
    try:
        table = read_csv(write(COMPLETE), target="price")
    finally:
        autograd.set_default_dtype(np.float32)
    assert (table.x.dtype, table.y.dtype) == (np.float64, np.float64)


# Missing values


@pytest.mark.parametrize(
    ("missing", "area", "floor"),
    [("mean", 190 / 3, 2), ("median", 60, 2), ("most_frequent", 50, 1)],
)
def test_missing_cells_are_filled_with_what_the_others_say(write, missing, area, floor):
    table = read_csv(write(HOUSES), target="price", missing=missing)
    np.testing.assert_allclose(table.x[2, 0], area, rtol=1e-6)
    assert table.x[1, -1] == floor
    assert table.x[3].tolist() == [60, 1, 0, 1]  # gas, the most frequent
    fills = {column.name: column.fill for column in table.columns}
    assert fills == {"area": pytest.approx(area), "heating": "gas", "floor": floor}


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "null", "?"])
def test_what_counts_as_missing(write, cell):
    table = read_csv(write(f"a,b\n1,5\n{cell},6\n3,7\n"), missing="mean")
    assert table.x[:, 0].tolist() == [1, 2, 3]


def test_missing_cells_are_an_error_that_names_them_unless_filled(write):
    assert message(ValueError, lambda: read_csv(write(HOUSES), target="price")) == (
        "data.csv: cells are missing, by column: 'area' 1 (the first in line 4), 'heating' 1 (the "
        "first in line 5), 'floor' 1 (the first in line 3). In the training file, fill them with "
        'missing="mean", "median" or "most_frequent", or leave columns out with ignore=[…]; lines '
        "without a target are to be taken out of the file."
    )


def test_a_missing_target_is_never_filled(write):
    found = message(ValueError, lambda: read_csv(write(HOUSES), "floor", missing="mean"))
    assert found.startswith(
        "data.csv: cells are missing, by column: 'floor' 1 (the first in line 3)"
    )


# A second file


def test_a_second_file_is_read_like_the_first(write):
    train = read_csv(write(HOUSES), target="price", missing="median")
    file = write("price,floor,id,heating,area\n1,7,x,oil,\n", "test.csv")
    test = read_csv(file, like=train)
    assert test.x.tolist() == [[60, 0, 1, 7]]
    assert test.y.tolist() == [[1]]
    assert test.feature_names == train.feature_names
    assert test.columns == train.columns


def test_a_second_file_may_lack_the_target(write):
    train = read_csv(write(COMPLETE), target="heating")
    new = read_csv(write("price,area\n1,2\n", "new.csv"), like=train)
    assert new.x.tolist() == [[2, 1]]
    assert new.y is None
    assert new.classes == ["gas", "oil"]  # what answers stand for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "area,heating\n1,gas\n2,wood\n",
            "new.csv, line 3, column 'heating': 'wood' is a category that the training file does "
            "not have; it has gas, oil.",
        ),
        (
            "area,heating\n1,gas\nbig,gas\n",
            "new.csv, line 3, column 'area': 'big' is no number, as the column's cells are in the "
            "training file.",
        ),
        (
            "areas,heating\n1,gas\n",
            "new.csv has no column 'area'; is it 'areas'? Its columns are areas, heating.",
        ),
    ],
)
def test_a_second_file_that_differs_is_refused(write, text, expected):
    train = read_csv(write(COMPLETE), target="price")
    assert message(ValueError, lambda: read_csv(write(text, "new.csv"), like=train)) == expected


def test_a_second_file_lacking_cells_that_the_first_had_is_refused(write):
    train = read_csv(write(COMPLETE), target="price")
    file = write("area,heating\n,gas\n", "new.csv")
    found = message(ValueError, lambda: read_csv(file, like=train))
    assert found.startswith("new.csv: cells are missing, by column: 'area' 1 (the first in line 2)")


# What is wrong in a file

MANY = "name,b\n" + "".join(f"n{i},{i}\n" for i in range(30))
WRONG_FILES = [
    ("", {}, "data.csv is empty; its first line has the names of the columns."),
    ("a,b\n", {}, "data.csv has names of columns, but no line of data."),
    (
        "a;b\n1;2\n",
        {},
        "data.csv, line 1: one column, 'a;b'. Say what stands between columns: delimiter=';'.",
    ),
    ("a,a\n1,2\n", {}, "data.csv, line 1: two columns have the name 'a'."),
    ("a,\n1,2\n", {}, "data.csv, line 1: column 2 has no name."),
    (
        "1,2\n3,4\n",
        {},
        "data.csv, line 1: the first line has the names of the columns; this one has numbers, 1, "
        "2. Write a line of names above it.",
    ),
    (
        'a,b\n\n"x\ny",3\n4\n',  # the row in lines 3 and 4 is one
        {},
        "data.csv, line 5: 1 cells, where the first line has 2 columns. A cell with ',' or a line "
        "break in it stands in quotes.",
    ),
    ('a,b\n1,2\n1,"2"x\n', {}, "data.csv, line 3: ',' expected after '\"'."),
    ('a,b\n1,2\n1,"2\n', {}, "data.csv, line 3: unexpected end of data."),
    (
        "a,b\n1,2\n2,3\n3,4.5 m\n",
        {},
        "data.csv, line 4, column 'b': '4.5 m' is no number, but 2 of the column's 3 cells are. "
        "Mend it (decimals have a point, missing cells are empty); or, if its numbers are names, "
        "say categorical=['b'].",
    ),
    (
        "a,b\n1,2\n2,inf\n",
        {},
        "data.csv, line 3, column 'b': 'inf' is no number, but 1 of the column's 2 cells are. "
        "Mend it (decimals have a point, missing cells are empty); or, if its numbers are names, "
        "say categorical=['b'].",
    ),
    (
        "a,b\n1,2\n2,1_000\n",
        {},
        "data.csv, line 3, column 'b': '1_000' is no number, but 1 of the column's 2 cells are. "
        "Mend it (decimals have a point, missing cells are empty); or, if its numbers are names, "
        "say categorical=['b'].",
    ),
    ("a,b\n1,2\n2,1e39\n", {}, "data.csv, line 3, column 'b': 1e39 is too large for float32."),
    ("a,b\n1,\n2,NA\n", {}, "data.csv: column 'b' is empty. Leave it out: ignore=['b']."),
    (
        MANY,
        {},
        "data.csv: column 'name' has 30 different texts in 30 lines, too many to learn from. Leave "
        "it out, ignore=['name']; or, if they are categories all the same, say "
        "categorical=['name'].",
    ),
    (
        b"a,b\n1,\xe9\n",
        {},
        "data.csv is not in UTF-8 ('utf-8' codec can't decode byte 0xe9 in position 6: invalid "
        "continuation byte). If it is text, save it in that encoding.",
    ),
    (
        COMPLETE,
        {"target": "prize"},
        "data.csv has no column 'prize'; is it 'price'? Its columns are area, heating, price.",
    ),
    (
        COMPLETE,
        {"categorical": ["zzz"]},
        "data.csv has no column 'zzz'. Its columns are area, heating, price.",
    ),
    (
        "a\n1\n",
        {"target": "a"},
        "data.csv: nothing is left beside the target and what is ignored.",
    ),
    (
        COMPLETE,
        {"missing": "zero"},
        "read_csv: missing is 'error', 'mean', 'median', 'most_frequent', not 'zero'.",
    ),
]


@pytest.mark.parametrize(("text", "settings", "expected"), WRONG_FILES)
def test_what_cannot_be_read_is_refused_with_line_and_column(write, text, settings, expected):
    assert message(ValueError, lambda: read_csv(write(text), **settings)) == expected


def test_categories_that_are_said_may_be_many_and_mixed(write):
    assert len(read_csv(write(MANY), categorical=["name"]).feature_names) == 31
    table = read_csv(write("cabin,b\n3,1\nC2,2\n"), categorical=["cabin"])
    assert table.feature_names == ["cabin=3", "cabin=C2", "b"]


def test_settings_that_make_no_sense_are_refused(write):
    table = read_csv(write(COMPLETE), target="price")
    assert message(ValueError, lambda: read_csv("data.csv", "price", like=table)) == (
        "read_csv: like=… says all about the columns; leave target, categorical, ignore and "
        "missing out."
    )
    assert message(TypeError, lambda: read_csv("data.csv", ignore="area")) == (
        "read_csv: ignore is a list of columns: ignore=['area']."
    )
    with pytest.raises(FileNotFoundError):
        read_csv("nowhere.csv")


# NPZ


def test_arrays_are_read_by_their_names(tmp_path):
    x, y = np.random.default_rng(0).random((3, 2)), np.array([1, 0, 1])
    np.savez(tmp_path / "a.npz", x=x, y=y)
    np.savez_compressed(tmp_path / "b.npz", images=x, labels=y)
    for pair in (
        read_npz(tmp_path / "a.npz"),
        read_npz(tmp_path / "b.npz", x="images", y="labels"),
    ):
        assert np.array_equal(pair[0], x)
        assert np.array_equal(pair[1], y)


class Trap:
    """Unpickled, it would leave a file behind."""

    def __reduce__(self):
        return open, ("trapped", "w")


def npz(**arrays):
    np.savez("data.npz", **arrays)
    return read_npz("data.npz")


def damaged(change):
    np.savez("data.npz", x=np.arange(1000.0), y=np.arange(1000))
    with open("data.npz", "rb") as file:
        content = bytearray(file.read())
    with open("data.npz", "wb") as file:
        file.write(change(content))
    return read_npz("data.npz")


def flipped(content):
    content[3000] ^= 1
    return content


def pickled():
    with open("data.npz", "wb") as file:
        pickle.dump(Trap(), file)
    return read_npz("data.npz")


NO_NPZ = [
    (
        lambda: npz(x=np.ones(2), y=np.array([Trap(), None])),
        ValueError,
        "read_npz: data.npz holds Python objects, which may run a program when they are read.",
    ),
    (pickled, ValueError, "read_npz: data.npz is no .npz file, or is cut off."),
    (lambda: damaged(lambda c: c[:5000]), ValueError, "read_npz: data.npz is no .npz file, or is"),
    (lambda: damaged(flipped), ValueError, "read_npz: data.npz is damaged (Bad CRC-32"),
    (
        lambda: npz(images=np.ones(2), labels=np.ones(2)),
        KeyError,
        "read_npz: data.npz has no array 'x', but images, labels. Name those wanted: ",
    ),
    (
        lambda: npz(x=np.ones(2), y=np.ones(3)),
        ValueError,
        "read_npz: the arrays have unequal numbers of examples: 2, 3.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), NO_NPZ)
def test_what_is_no_pair_of_arrays_is_refused(tmp_path, monkeypatch, call, kind, expected):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.args[0].startswith(expected)
    assert not (tmp_path / "trapped").exists()  # nothing was unpickled
