"""The state of an interrupted training on disk."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.policies import write_policy
from churn_saver.adapters.tensors import pack
from churn_saver.adapters.trainings import FORMAT, read_training, training_file, write_training
from churn_saver.errors import ArtifactError, InputError
from tests.trained import served

WANTED: dict[str, object] = {
    "settings": "ab" * 8,
    "population": "cd" * 8,
    "observation": "full",
    "prices": (0.1, 30.0),
}
ARRAYS = {
    "stream": np.array([2**64 - 1, 0], np.uint64),
    "day": np.array([-(2**63), 89], np.int64),
    "alive": np.array([0.1, -0.0, np.nan, 5e-324]),
    "weight": np.array([[0.1], [1e-45]], np.float32),
    "generator": np.arange(5, dtype=np.uint8),
    "ended": np.array([True, False]),
    "iteration": np.array(7),
}
KILLS = 5
SECONDS = 60


def test_a_training_comes_back_bit_for_bit(tmp_path: Path) -> None:
    """Every type that a recipe keeps, with what the notes say besides."""
    path = tmp_path / training_file("ppo")
    write_training(path, ARRAYS, WANTED | {"iteration": 7, "lambda": [0.1, 1 / 3]})

    arrays, notes = read_training(path, WANTED)

    assert path.name == "ppo_policy_ppo.training.safetensors"
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        assert arrays[name].tobytes() == array.tobytes()
    assert (notes["iteration"], notes["lambda"]) == (7, [0.1, 1 / 3])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"settings": "x"}, r"t is of another training: settings is 'abababababababab', wanted 'x'\. Next"),
        ({"population": "x"}, r"another training: population is 'cdcdcdcdcdcdcdcd', wanted 'x'"),
        ({"observation": "nine"}, r"another training: observation is 'full', wanted 'nine'"),
        ({"prices": (0.1, 31.0)}, r"another training: prices is '\[0\.1, 30\.0\]', wanted '\(0\.1, 31\.0\)'"),
        ({"seed": 1}, r"another training: seed is 'None', wanted '1'"),
        ({"settings": "x", "observation": "nine"}, r"settings is .*, wanted 'x'; observation is .*'nine'"),
    ],
)
def test_another_training_is_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    """It names all that differs, and the fix."""
    write_training(tmp_path / "t", ARRAYS, WANTED)

    with pytest.raises(ArtifactError, match=message + r".*remove the file, or pass --fresh to begin anew$"):
        read_training(tmp_path / "t", WANTED | changes)


def test_of_a_group_of_settings_the_ones_that_differ_are_named(tmp_path: Path) -> None:
    """Down to the innermost; those of one side alone too, and of very many the first three."""
    there = {"rate": 0.1, "clip": 0.2, "prices": {"low": 0, "high": 4}, "old": 1, "hidden": [8, 8]}
    here = {"rate": 0.1, "clip": 0.3, "prices": {"low": 0, "high": 5}, "new": 2, "hidden": (8, 8)}
    write_training(tmp_path / "t", ARRAYS, {"settings": there, "seed": 1})

    with pytest.raises(ArtifactError, match=r"training: settings\.clip is '0\.2', wanted '0\.3'\. Next"):
        read_training(tmp_path / "t", {"settings": there | {"clip": 0.3}, "seed": 1})
    with pytest.raises(
        ArtifactError,
        match=r"training: settings\.clip is .*; settings\.new is 'None', wanted '2'; settings\.old is '1', "
        r"wanted 'None'; and 2 more\. Next",
    ):
        read_training(tmp_path / "t", {"settings": here, "seed": 2})
    assert read_training(tmp_path / "t", {"settings": there | {"hidden": (8, 8)}, "seed": 1})


def test_a_note_of_another_training_with_signs_nobody_sees_stays_on_its_line(tmp_path: Path) -> None:
    """What comes from a file is shown, not obeyed."""
    write_training(tmp_path / "t", {}, {"settings": "a\nb\x1b[2J"})

    with pytest.raises(ArtifactError, match=r"settings is 'a\\nb\\x1b\[2J', wanted 'x'"):
        read_training(tmp_path / "t", {"settings": "x"})


def test_another_version_a_policy_and_a_torn_file_are_refused(tmp_path: Path) -> None:
    """Each by name, with the fix."""
    newer = pack({}, {}, FORMAT).replace(b'"version":"1"', b'"version":"2"')
    (tmp_path / "newer").write_bytes(newer)
    (tmp_path / "torn").write_bytes(newer[:20])
    write_policy(tmp_path / "policy", served())

    with pytest.raises(ArtifactError, match=r"newer has version 2, wanted 1.*pass --fresh"):
        read_training(tmp_path / "newer", {})
    with pytest.raises(ArtifactError, match=r"torn is no whole safetensors file.*pass --fresh"):
        read_training(tmp_path / "torn", {})
    with pytest.raises(ArtifactError, match=r"policy holds 'churn_saver/ppo_policy'.*pass --fresh"):
        read_training(tmp_path / "policy", {})


def test_what_the_format_does_not_know_leaves_the_last_file(tmp_path: Path) -> None:
    """Refused before anything is written."""
    write_training(tmp_path / "t", ARRAYS, WANTED)

    with pytest.raises(InputError, match=r"arrays of types complex128, float64 cannot be written"):
        write_training(tmp_path / "t", {"a": np.zeros(1), "b": np.zeros(1, np.complex128)}, WANTED)

    assert read_training(tmp_path / "t", WANTED)[0].keys() == ARRAYS.keys()


def written_beside(folder: Path) -> int:
    """Give the size of the file that is being written, 0 when there is none."""
    for path in folder.glob(".*"):
        with suppress(FileNotFoundError):
            return path.stat().st_size
    return 0


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """SIGKILL when more and more of the next file lies beside it: what stands there is one state, whole."""
    path, size = tmp_path / training_file("ppo"), 1_000_000
    script = f"""
import sys
from itertools import count
from pathlib import Path
import numpy as np
from churn_saver.adapters.trainings import write_training
for number in count(int(sys.argv[2])):
    write_training(Path(sys.argv[1]), {{"a": np.full({size}, number)}}, {{"number": number}})
    print(number, flush=True)
"""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    last = 0
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(path), str(last)], env=env, stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            last = int(writer.stdout.readline())
            until = time.monotonic() + SECONDS
            while written_beside(tmp_path) < 8 * size * kill / KILLS and time.monotonic() < until:
                pass
            writer.kill()
            writer.wait()
        for torn in tmp_path.glob(".*"):
            torn.unlink()

        arrays, notes = read_training(path, {})

        assert isinstance(notes["number"], int)
        assert notes["number"] >= last
        assert (arrays["a"] == notes["number"]).all()
        assert len(arrays["a"]) == size
        assert [found.name for found in tmp_path.iterdir()] == [path.name]
