"""Matroska streams: however they are cut into pieces, and whatever they hold."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.transfer.formats.matroska import Document, Malformed, documents
from local.video.matter import bare, pieces_of, tagged

TAGS = st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1), st.text("abc é"))


def _pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[first:end] for first, end in itertools.pairwise(places)]


@given(st.lists(TAGS, min_size=1, max_size=4), st.lists(st.integers(0, 10_000), max_size=20))
def test_documents_are_the_same_however_their_bytes_come(tags: list[dict[str, str]], cuts: list[int]) -> None:
    files = [bare(each) for each in tags]
    found = list(documents(_pieces(b"".join(files), cuts)))
    assert found == [Document(file, each) for file, each in zip(files, tags, strict=True)]


@given(TAGS.filter(bool), st.integers(1, 10_000))
def test_a_stream_that_breaks_off_ends_in_a_document_that_is_not_whole(tags: dict[str, str], left_out: int) -> None:
    whole, broken = bare({"a": "b"}), tagged(b"", tags)
    stream = whole + broken[: -(1 + left_out % (len(broken) - 1))]
    (found,) = documents([stream])
    assert (found.content, found.whole, found.tags) == (stream, False, {"a": "b"})


@given(st.lists(st.binary(max_size=200), max_size=5), TAGS)
def test_whatever_comes_is_a_document_or_malformed(noise: list[bytes], tags: dict[str, str]) -> None:
    for begin in (b"", bare(tags)):
        for read in (documents, pieces_of):
            try:
                list(read([begin, *noise]))
            except Malformed:
                continue
