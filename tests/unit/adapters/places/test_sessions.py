"""A large upload that was cut goes on where it was."""

import stat
from pathlib import Path

import pytest

from churn_saver.adapters.places.buckets import BucketPlace, open_bucket
from churn_saver.adapters.places.sessions import PART_BYTES
from churn_saver.errors import InputError
from tests import gcs

RAW = bytes(range(250)) * 80_000
"""20,000,000 bytes: three parts."""


class Cut(BaseException):
    """The process ends here, as far as the upload knows."""


class Upload:
    """One file, one bucket, one upload to try and try again."""

    def __init__(self, prefix: str, tmp_path: Path) -> None:
        """Write the file."""
        self.here: BucketPlace = open_bucket(prefix, patience_seconds=20)
        self.path = tmp_path / "telco" / "train.bin"
        self.path.parent.mkdir()
        self.path.write_bytes(RAW)
        self.memory = tmp_path / ".telco-train.bin.upload"

    def run(self, cut_after: int | None = None) -> int:
        """Upload, or be cut once that many bytes went over; give the bytes sent."""
        over = 0

        def sent(size: int) -> None:
            nonlocal over
            over += size
            if cut_after is not None and over >= cut_after:
                raise Cut

        self.here.write_once("train.bin", self.path, self.here.content([self.path.read_bytes()]), sent)
        return over


@pytest.fixture
def job(prefix: str, tmp_path: Path) -> Upload:
    """Prepare an upload."""
    return Upload(prefix, tmp_path)


def test_only_the_rest_is_sent(cloud: gcs.Gcs, job: Upload) -> None:
    """After one of three parts the process ends; meanwhile nobody sees anything."""
    with pytest.raises(Cut):
        job.run(cut_after=1)
    seen = job.here.names()
    remembered = job.memory.exists()
    cloud.received = 0

    assert (seen, remembered) == ([], True)
    assert job.run() == len(RAW) - PART_BYTES == cloud.received
    assert job.here.read("train.bin") == RAW
    assert not job.memory.exists()


def test_the_address_of_a_session_is_for_its_owner_alone(job: Upload) -> None:
    """Who has it can write to the bucket."""
    with pytest.raises(Cut):
        job.run(cut_after=1)

    assert stat.S_IMODE(job.memory.stat().st_mode) == 0o600


def test_an_upload_whose_last_answer_was_lost_is_found_done(cloud: gcs.Gcs, job: Upload) -> None:
    """The object is there, the process never heard of it: nothing is sent again."""
    with pytest.raises(Cut):
        job.run(cut_after=len(RAW))

    assert job.run() == 0
    assert job.here.read("train.bin") == RAW


@pytest.mark.parametrize("memory", [b"", b"{}", b"[1]", b'{"target": 1, "content": 2}', b"\xff"])
def test_a_memory_that_makes_no_sense_begins_anew(cloud: gcs.Gcs, job: Upload, memory: bytes) -> None:
    """It is no more than a short cut."""
    job.memory.write_bytes(memory)

    assert job.run() == len(RAW)


def test_a_session_that_ended_begins_anew(cloud: gcs.Gcs, job: Upload) -> None:
    """The service keeps sessions for a week."""
    with pytest.raises(Cut):
        job.run(cut_after=1)
    cloud.sessions.clear()

    assert job.run() == len(RAW)
    assert job.here.read("train.bin") == RAW


def test_another_content_is_not_added_to_what_was_sent(cloud: gcs.Gcs, job: Upload) -> None:
    """The file was prepared anew between two tries."""
    with pytest.raises(Cut):
        job.run(cut_after=1)
    job.path.write_bytes(RAW[::-1])

    assert job.run() == len(RAW)
    assert job.here.read("train.bin") == RAW[::-1]


def test_a_session_leads_to_one_target_alone(cloud: gcs.Gcs, job: Upload, prefix: str) -> None:
    """The same file to elsewhere begins anew, and arrives there."""
    with pytest.raises(Cut):
        job.run(cut_after=1)
    first, job.here = job.here, open_bucket(f"{prefix}/elsewhere")

    assert job.run() == len(RAW)
    assert job.here.names() == ["train.bin"]
    assert first.names() == ["elsewhere/train.bin"]


def test_a_session_that_ends_under_way_says_so(cloud: gcs.Gcs, job: Upload) -> None:
    """And is forgotten, so that the next run begins anew."""
    cloud.hold = (PART_BYTES, cloud.sessions.clear)
    content = job.here.content([RAW])

    with pytest.raises(InputError, match=r"the service ended the upload: run the same command again"):
        job.here.write_once("train.bin", job.path, content)
    assert not job.memory.exists()


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_part_whose_answer_is_lost_is_not_sent_twice(cloud: gcs.Gcs, job: Upload, status: int) -> None:
    """The service kept the part and failed to say so: it is asked before anything is sent again."""
    cloud.statuses.append(status)

    job.run()

    assert cloud.received == len(RAW)
    assert job.here.read("train.bin") == RAW


def test_a_refusal_is_not_tried_again(cloud: gcs.Gcs, job: Upload) -> None:
    """Not allowed is an answer, not a failure."""
    cloud.statuses.append(403)

    with pytest.raises(InputError, match=r"this account may not do that .*roles/storage\.objectUser"):
        job.run()
    assert not job.memory.exists()


def test_without_a_place_for_its_memory_it_uploads_all_the_same(
    cloud: gcs.Gcs, prefix: str, tmp_path: Path
) -> None:
    """Something stands where the memory should go: the upload could not be taken up again, but it works."""
    job = Upload(prefix, tmp_path)
    (job.memory / "in the way").mkdir(parents=True)

    assert job.run() == len(RAW)
