"""The bytes of a corpus: hostile archives are refused by name, changes are noticed."""

import gzip
import io
import os
import tarfile

import pytest

from spinn2sim.errors import WorkloadError
from spinn2sim.workload import members
from spinn2sim.workload.members import corpus_digest, read_members


def entry(name, content=b"", **fields):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for field, value in fields.items():
        setattr(member, field, value)
    return member, io.BytesIO(content)


@pytest.fixture
def archive(tmp_path):
    """A .tar.gz of the given members, after a good one."""

    def archive(*entries):
        path = tmp_path / "corpus.tar.gz"
        with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as packed:
            for member, content in (entry("./yes/good.wav", b"good"), *entries):
                packed.addfile(member, content)
        return path

    return archive


def refusal(path):
    with pytest.raises(WorkloadError) as error:
        list(read_members(path))
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "fields", "problem"),
    [
        ("/etc/cron.d/yes.wav", {}, "has an absolute path"),
        ("C:\\yes.wav", {}, "has an absolute path"),
        ("yes/../../yes.wav", {}, "has a path that climbs out of its folder"),
        ("yes\\..\\..\\yes.wav", {}, "has a path that climbs out of its folder"),
        ("yes/s.wav", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "is a link"),
        ("yes/h.wav", {"type": tarfile.LNKTYPE, "linkname": "yes/good.wav"}, "is a link"),
        ("yes/d.wav", {"type": tarfile.CHRTYPE}, "is not an ordinary file or folder"),
        ("yes/b.wav", {"type": tarfile.BLKTYPE}, "is not an ordinary file or folder"),
        ("yes/f.wav", {"type": tarfile.FIFOTYPE}, "is not an ordinary file or folder"),
        ("yes/good.wav", {}, "is there twice"),
    ],
)
def test_what_no_honest_archive_holds_is_refused_by_name(archive, name, fields, problem):
    path = archive(entry(name, **fields))
    shown = name.replace("\\", "\\\\")
    assert refusal(path) == (
        f"workload {path}: '{shown}' {problem}; a corpus of speech commands has no such file; "
        "nothing of it was used"
    )


def test_a_member_that_claims_two_gigabytes_is_refused_before_it_is_read(archive):
    header, _ = entry("yes/huge.wav", size=2 << 30)
    path = archive()
    with gzip.open(path) as packed:
        good = packed.read()[:1024]
    path.write_bytes(gzip.compress(good + header.tobuf(tarfile.GNU_FORMAT), mtime=0))
    assert "'yes/huge.wav' has 2,147,483,648 B, and 10,000,000 are the most; " in refusal(path)


def test_a_header_that_unpacks_to_gigabytes_is_refused(tmp_path):
    header, _ = entry("././@LongLink", size=1 << 30, type=tarfile.GNUTYPE_LONGNAME)
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(20_000_000)))
    assert refusal(path) == (
        f"workload {path}: holds over 1,000,000 B that belong to no file; fetch it again"
    )


def test_more_files_than_any_corpus_has_are_refused(archive, monkeypatch):
    monkeypatch.setattr(members, "MAX_FILES", 3)
    path = archive(*(entry(f"yes/{n}.wav") for n in range(5)))
    assert "'yes/2.wav' is one of more than 3 files" in refusal(path)


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_archive_is_refused(archive, kept):
    path = archive(*(entry(f"yes/{n}.wav", os.urandom(3_000)) for n in range(5)))
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    assert refusal(path).startswith(
        f"workload {path}: is damaged, cut short, or not a .tar.gz (Compressed file ended before"
    )


def test_an_archive_with_a_changed_byte_is_refused(archive):
    path = archive(entry("yes/1.wav", os.urandom(30_000)))
    content = bytearray(path.read_bytes())
    content[15_000] ^= 1
    path.write_bytes(content)
    assert refusal(path).startswith(f"workload {path}: is damaged, cut short, or not a .tar.gz (")


def test_a_damaged_header_is_not_taken_for_the_end(archive):
    path = archive(entry("yes/1.wav", b"1"), entry("yes/2.wav", b"2"))
    with gzip.open(path) as packed:
        content = bytearray(packed.read())
    content[1024 + 100] ^= 0xFF
    path.write_bytes(gzip.compress(bytes(content), mtime=0))
    assert refusal(path) == (
        f"workload {path}: is damaged, cut short, or not a .tar.gz (there is more after its last "
        "readable file); fetch it again"
    )


@pytest.mark.parametrize(
    "content", [b"", b"text", gzip.compress(b"", mtime=0), gzip.compress(b"text" * 999, mtime=0)]
)
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "corpus.tar.gz"
    path.write_bytes(content)
    assert "is damaged, cut short, or not a .tar.gz (" in refusal(path)


def test_a_file_of_a_folder_may_not_be_absurdly_large_either(tmp_path, monkeypatch):
    monkeypatch.setattr(members, "MAX_FILE_BYTES", 3)
    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "1.wav").write_bytes(b"1234")
    assert "'yes/1.wav' has 4 B, and 3 are the most; " in refusal(tmp_path)


def test_members_of_an_archive_are_named_without_leading_dots(archive):
    path = archive(entry("./no/1.wav", b"one"), entry("README.md", b"not read"))
    assert list(read_members(path)) == [
        ("yes/good.wav", b"good", ""),
        ("no/1.wav", b"one", ""),
        ("README.md", b"", ""),
    ]


def test_hidden_folders_and_links_to_nowhere_are_not_read(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "1.wav").touch()
    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "1.wav").symlink_to("nowhere")
    assert list(read_members(tmp_path)) == [("yes/1.wav", b"", "is no file")]


def test_a_changed_file_changes_the_digest_even_at_its_old_size_and_time(speech_commands):
    before = corpus_digest(speech_commands)
    path = speech_commands / "yes" / "0a_nohash_0.wav"
    times = path.stat()
    content = bytearray(path.read_bytes())
    content[10_000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert corpus_digest(speech_commands) != before


def test_another_name_changes_the_digest_and_a_readme_does_not(speech_commands):
    before = corpus_digest(speech_commands)
    (speech_commands / "README.md").write_text("more about it")
    assert corpus_digest(speech_commands) == before
    clip = speech_commands / "yes" / "0a_nohash_0.wav"
    clip.rename(clip.with_name("0a_nohash_1.wav"))  # still the first
    assert corpus_digest(speech_commands) != before
