"""Folders of pictures and data sets of Hugging Face: the rule of sizes, damage, what is kept and what is streamed."""

from __future__ import annotations

import multiprocessing
import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
import torch
from PIL import Image

from netdsl.pictures import fit, picture_array
from tests.training.data_files import data_package, labels, write_mnist
from tests.training.test_data_formats import refusal, same_pictures, whole

data = data_package()


def picture(width: int, height: int, mode: str = "RGB", seed: int = 0) -> Image.Image:
    """Random colours, smoothed so that formats with losses keep them roughly."""
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, *channels), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten cats and ten dogs in many sizes and formats."""
    for number, kind in enumerate(("cat", "dog")):
        place = tmp_path / "pets" / kind
        place.mkdir(parents=True)
        for count in range(10):
            mode = ("RGB", "L", "RGBA")[count % 3]
            suffix = "png" if mode == "RGBA" else ("jpg", "PNG", "bmp")[count % 3]
            picture(20 + 3 * count, 40 - 2 * count, mode, seed=10 * number + count).save(place / f"{count}.{suffix}")
        (place / "notes.txt").write_text("no picture")
        (place / ".hidden.png").write_bytes(b"no picture")
    return tmp_path / "pets"


def numbers_of_run(folder: Path, shape: tuple[int, ...]) -> set[bytes]:
    """What `netdsl run` makes of every picture."""
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".png", ".bmp"}]
    return {picture_array(path, shape).tobytes() for path in paths if not path.name.startswith(".")}


# ---- sizes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 24, 24), (1, 16, 48), (3, 33, 17)])
@pytest.mark.parametrize("memory", [2**30, 0])
def test_pictures_are_those_of_netdsl_run_to_the_last_bit(folder: Path, shape: tuple[int, ...], memory: int) -> None:
    opened = data.open_data(f"folder:{folder}", shape=shape, classes=2, memory=memory)
    inputs = np.concatenate([whole(opened.train)[0], whole(opened.held_out)[0]])
    assert inputs.shape == (20, *shape)
    assert {each.tobytes() for each in inputs} == numbers_of_run(folder, shape)


@pytest.mark.parametrize("memory", [2**30, 0])
def test_arrays_are_resized_by_the_same_rule(tmp_path: Path, memory: int) -> None:
    pictures = write_mnist(tmp_path)
    opened = data.open_data(f"mnist:{tmp_path}", shape=(3, 32, 40), memory=memory)
    wanted = np.stack([fit(Image.fromarray(each), (3, 32, 40)) for each in pictures])
    assert (whole(opened.train)[0] == wanted).all()


def test_a_net_of_vectors_takes_flattened_squares(tmp_path: Path) -> None:
    pictures = write_mnist(tmp_path)
    for memory in (2**30, 0):
        opened = data.open_data(f"mnist:{tmp_path}", shape=(784,), memory=memory)
        assert same_pictures(whole(opened.train)[0], pictures.reshape(30, 784))
    assert whole(data.open_data(f"mnist:{tmp_path}", shape=(3072,)).train)[0].shape == (30, 3072)


@pytest.mark.parametrize("kind", ["png", "pgm", "tiff"])
@pytest.mark.parametrize("channels", [1, 3])
def test_greys_of_16_bits_are_rounded_to_8(tmp_path: Path, kind: str, channels: int) -> None:
    greys = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)
    path = tmp_path / "pets" / "cat" / f"grey.{kind}"
    path.parent.mkdir(parents=True)
    if kind == "pgm":
        path.write_bytes(b"P5 32 32 65535\n" + greys.astype(">u2").tobytes())
    else:
        Image.fromarray(greys).save(path)
    wanted = np.round(greys / 257).astype(np.float32) / np.float32(255)
    found = picture_array(path, (channels, 32, 32))
    assert all((channel == wanted).all() for channel in found)
    for place in range(4):
        path.with_name(f"{place}.{kind}").write_bytes(path.read_bytes())
    opened = data.open_data(f"folder:{tmp_path / 'pets'}", shape=(channels, 32, 32))
    assert (whole(opened.train)[0] == found).all()


def test_a_transparent_grey_of_16_bits_shows_white() -> None:
    picture = Image.fromarray(np.array([[0, 514], [65535, 1000]], np.uint16))
    picture.info["transparency"] = 1000
    assert (fit(picture, (1, 2, 2)) == np.array([[0, 2], [255, 255]], np.float32) / np.float32(255)).all()


def test_an_upright_picture_is_made_of_a_turned_one(tmp_path: Path) -> None:
    for kind in ("a", "b"):
        (tmp_path / kind).mkdir()
        for count in range(2):
            turned = Image.Exif()
            turned[0x0112] = 6
            picture(30, 10, seed=count).save(tmp_path / kind / f"{count}.jpg", exif=turned)
    opened = data.open_data(f"folder:{tmp_path}", shape=(3, 30, 10), held_out=0.5)
    wanted = {picture_array(path, (3, 30, 10)).tobytes() for path in tmp_path.rglob("*.jpg")}
    found = {each.tobytes() for part in (opened.train, opened.held_out) for each in whole(part)[0]}
    assert found == wanted


def test_pictures_larger_than_the_input_for_crops(folder: Path) -> None:
    for memory in (2**30, 0):
        opened = data.open_data(f"folder:{folder}", shape=(3, 8, 8), resize=12, memory=memory)
        assert whole(opened.train)[0].shape[1:] == (3, 12, 12)
        opened = data.open_data(f"folder:{folder}", shape=(1, 8, 8), resize=(10, 12), memory=memory)
        assert whole(opened.train)[0].shape[1:] == (1, 10, 12)
    assert "vector of 64 numbers" in refusal(f"folder:{folder}", (64,), resize=12)


@pytest.mark.parametrize("shape", [(2, 8, 8), (3, 4, 8, 8), (7,), (8, 8)])
def test_inputs_that_are_no_pictures(folder: Path, shape: tuple[int, ...]) -> None:
    assert f"the net takes {'x'.join(map(str, shape))}" in refusal(f"folder:{folder}", shape)


# ---- folders ---------------------------------------------------------------------------------


def test_a_fifth_of_every_class_is_held_out(folder: Path) -> None:
    opened = data.open_data(f"folder:{folder}", shape=(3, 8, 8))
    assert opened.train.classes == ("cat", "dog")
    assert np.bincount(opened.train.targets).tolist() == [8, 8]
    assert np.bincount(opened.held_out.targets).tolist() == [2, 2]


@pytest.mark.parametrize("name", ["val", "valid", "validation", "test"])
def test_a_folder_that_says_what_is_held_out(folder: Path, name: str) -> None:
    parts = folder.parent / "parts"
    parts.mkdir()
    folder.rename(parts / "train")
    (parts / name / "dog").mkdir(parents=True)
    picture(9, 9).save(parts / name / "dog" / "1.png")
    opened = data.open_data(f"folder:{parts}", shape=(3, 8, 8))
    assert (len(opened.train), len(opened.held_out)) == (20, 1)
    assert opened.held_out.targets.tolist() == [1]
    (parts / name / "fox").mkdir()
    assert "has the class 'fox'" in refusal(f"folder:{parts}")


def test_a_train_folder_alone_is_split(folder: Path) -> None:
    folder.rename(folder.parent / "train")
    opened = data.open_data(f"folder:{folder.parent}", shape=(3, 8, 8))
    assert (len(opened.train), len(opened.held_out)) == (16, 4)


def test_folders_without_pictures(tmp_path: Path) -> None:
    assert f"{tmp_path} holds no folders" in refusal(f"folder:{tmp_path}")
    (tmp_path / "cat").mkdir()
    assert f"{tmp_path} holds no pictures" in refusal(f"folder:{tmp_path}")
    picture(8, 8).save(tmp_path / "cat" / "1.png")
    assert "too few to hold out 20%" in refusal(f"folder:{tmp_path}")


@pytest.mark.parametrize("function", ["scandir", "walk"])
def test_a_folder_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    listed = os.scandir

    def refuse(place: Any) -> Any:
        if function == "scandir" or str(place).endswith("dog"):
            raise PermissionError(13, "Permission denied", str(place))
        return listed(place)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "Permission denied" in refusal(f"folder:{folder}")


def test_a_missing_library_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    for memory in (2**30, 0):
        assert "pip install pillow" in refusal(f"folder:{folder}", damaged="skip", memory=memory)


# ---- damage ----------------------------------------------------------------------------------


def damage(folder: Path) -> tuple[Path, Path]:
    """A picture that is cut off and a file that is none."""
    cut, none = folder / "cat" / "0.jpg", folder / "dog" / "4.PNG"
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    none.write_bytes(b"not a picture at all")
    return cut, none


def test_a_damaged_picture_is_an_error_that_names_it(folder: Path) -> None:
    cut, _ = damage(folder)
    said = refusal(f"folder:{folder}")
    assert f"{cut} cannot be read as a picture ({cut.stat().st_size:,} bytes): " in said
    assert "truncated" in said.lower()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_picture_is_an_error_when_it_is_streamed(folder: Path, workers: int) -> None:
    for path in (folder / "dog").glob("*.*"):
        path.write_bytes(b"no picture")
    opened = data.open_data(f"folder:{folder}", shape=(3, 8, 8), memory=0)
    for examples in (opened.train, opened.held_out):
        with pytest.raises(data.DataError) as caught:
            list(examples.batches(torch.arange(len(examples)), 4, "cpu", workers))
        assert str(caught.value).startswith(str(folder / "dog"))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("memory", [2**30, 0])
def test_damaged_pictures_are_skipped_and_counted(folder: Path, memory: int) -> None:
    damage(folder)
    opened = data.open_data(f"folder:{folder}", shape=(3, 8, 8), damaged="skip", memory=memory)
    assert opened.skipped == 2
    assert len(opened.train) + len(opened.held_out) == 18
    inputs = np.concatenate([whole(opened.train)[0], whole(opened.held_out)[0]])
    assert len(inputs) == 18
    targets = torch.cat([opened.train.targets, opened.held_out.targets])
    assert np.bincount(targets).tolist() == [9, 9]


def test_nothing_but_damage(tmp_path: Path) -> None:
    for count in range(10):
        (tmp_path / "cat").mkdir(exist_ok=True)
        (tmp_path / "cat" / f"{count}.png").write_bytes(b"none")
    assert refusal(f"folder:{tmp_path}", damaged="skip") == "none of 8 pictures can be read"


# ---- streams ---------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stream_gives_what_memory_gives_in_any_order(folder: Path, workers: int) -> None:
    kept, streamed = (data.open_data(f"folder:{folder}", shape=(3, 8, 8), memory=memory).train for memory in (2**30, 0))
    order = torch.randperm(16, generator=torch.Generator().manual_seed(3))
    one, other = (list(examples.batches(order, 5, "cpu", workers)) for examples in (kept, streamed))
    assert [len(targets) for _, targets in one] == [5, 5, 5, 1]
    for (inputs, targets), (inputs_2, targets_2) in zip(one, other, strict=True):
        assert torch.equal(inputs, inputs_2)
        assert torch.equal(targets, targets_2)


@pytest.mark.parametrize("memory", [2**30, 0])
def test_batches_draw_no_random_number(folder: Path, memory: int) -> None:
    examples = data.open_data(f"folder:{folder}", shape=(3, 8, 8), memory=memory).train
    before = torch.get_rng_state()
    list(examples.batches(torch.arange(16), 4, "cpu", 1))
    assert torch.equal(torch.get_rng_state(), before)


def test_processes_that_read_stay_for_the_next_stream(folder: Path) -> None:
    before = set(multiprocessing.active_children())
    kept, streamed = (data.open_data(f"folder:{folder}", shape=(3, 8, 8), memory=memory).train for memory in (2**30, 0))
    next(streamed.batches(torch.arange(16), 4, "cpu", 2))
    readers = set(multiprocessing.active_children()) - before
    assert len(readers) == 2
    for order in (torch.arange(16).flip(0), torch.arange(0, 16, 2)):
        one, other = (list(examples.batches(order, 5, "cpu", 2)) for examples in (kept, streamed))
        assert all(map(torch.equal, (inputs for inputs, _ in one), (inputs for inputs, _ in other)))
        assert len(one) == len(other)
    assert set(multiprocessing.active_children()) - before == readers


@pytest.mark.parametrize(("cores", "processes", "wanted"), [(2, 1, 2), (64, 1, 8), (8, 4, 2), (1, 2, 0)])
def test_the_usual_readers_are_a_processs_part_of_the_cores(
    folder: Path, monkeypatch: pytest.MonkeyPatch, cores: int, processes: int, wanted: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", str(processes))
    before = set(multiprocessing.active_children())
    streamed = data.open_data(f"folder:{folder}", shape=(3, 8, 8), memory=0).train
    stream = streamed.batches(torch.arange(16), 4, "cpu", None)
    assert next(stream)[0].shape == (4, 3, 8, 8)
    assert len(set(multiprocessing.active_children()) - before) == wanted


# ---- Hugging Face ----------------------------------------------------------------------------


def rows(count: int, *, names: bool = True, damaged: tuple[int, ...] = ()) -> datasets.Dataset:
    """Pictures as encoded bytes, with classes."""
    encoded = []
    for place in range(count):
        file = BytesIO()
        picture(10 + place, 12, seed=place).save(file, "PNG")
        content = file.getvalue()
        encoded.append({"bytes": content[: len(content) // 2] if place in damaged else content, "path": None})
    kind = datasets.ClassLabel(names=["cat", "dog"]) if names else datasets.Value("int64")
    features = datasets.Features({"image": datasets.Image(), "label": kind})
    columns = {"image": encoded, "label": labels(count, 2).tolist()}
    stored = {"image": datasets.Image(decode=False), "label": kind}
    return datasets.Dataset.from_dict(columns, features=datasets.Features(stored)).cast(features)


@pytest.mark.parametrize("names", [True, False])
def test_a_data_set_of_hugging_face_on_the_disk(tmp_path: Path, names: bool) -> None:
    rows(20, names=names).save_to_disk(str(tmp_path / "pets"))
    opened = data.open_data(f"hf:{tmp_path / 'pets'}", shape=(3, 10, 10), classes=2)
    assert opened.train.classes == (("cat", "dog") if names else ("0", "1"))
    assert (len(opened.train), len(opened.held_out)) == (16, 4)
    wanted = {fit(picture(10 + place, 12, seed=place), (3, 10, 10)).tobytes() for place in range(20)}
    found = {each.tobytes() for part in (opened.train, opened.held_out) for each in whole(part)[0]}
    assert found == wanted


@pytest.mark.parametrize("name", ["validation", "test"])
def test_parts_of_a_data_set(tmp_path: Path, name: str) -> None:
    datasets.DatasetDict({"train": rows(6), name: rows(4)}).save_to_disk(str(tmp_path / "pets"))
    for memory in (2**30, 0):
        opened = data.open_data(f"hf:{tmp_path / 'pets'}", shape=(3, 10, 10), memory=memory)
        assert (len(opened.train), len(opened.held_out)) == (6, 4)
        assert whole(opened.train)[1].tolist() == labels(6, 2).tolist()


def test_a_data_set_with_a_damaged_picture(tmp_path: Path) -> None:
    rows(10, damaged=(3,)).save_to_disk(str(tmp_path / "pets"))
    name = f"hf:{tmp_path / 'pets'}"
    assert "cannot be read as a picture (" in refusal(name)
    assert data.open_data(name, shape=(3, 8, 8), damaged="skip").skipped == 1


def test_a_data_set_with_an_empty_row(tmp_path: Path) -> None:
    pets = rows(10)
    columns = {
        "image": [None, *pets.cast_column("image", datasets.Image(decode=False))["image"][1:]],
        "label": pets["label"],
    }
    datasets.Dataset.from_dict(columns, features=pets.features).save_to_disk(str(tmp_path / "pets"))
    assert "holds no picture" in refusal(f"hf:{tmp_path / 'pets'}")
    assert data.open_data(f"hf:{tmp_path / 'pets'}", shape=(3, 8, 8), damaged="skip").skipped == 1


def test_data_sets_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = datasets.Dataset.from_dict({"x": [1.0, 2.0], "label": [0, 1]})
    numbers.save_to_disk(str(tmp_path / "numbers"))
    assert "has no column of pictures with one of classes; it has x (Value), label (Value)" in refusal(
        f"hf:{tmp_path / 'numbers'}"
    )
    (tmp_path / "empty").mkdir()
    assert "cannot be loaded by datasets" in refusal(f"hf:{tmp_path / 'empty'}")
    monkeypatch.setattr(datasets, "__version__", "3.6.0")
    assert "take datasets 4 or newer, as version 3.6.0 may run scripts" in refusal(f"hf:{tmp_path / 'numbers'}")
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert "pip install datasets" in refusal("hf:pets")


def test_the_name_of_a_data_set_and_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load_dataset(*arguments: Any) -> datasets.DatasetDict:
        asked.append(arguments)
        return datasets.DatasetDict({"train": rows(10)})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert len(data.open_data("hf:someone/pets@small", shape=(3, 8, 8)).train) == 8
    assert len(data.open_data("hf:pets", shape=(3, 8, 8)).train) == 8
    assert asked == [("someone/pets", "small"), ("pets", None)]
