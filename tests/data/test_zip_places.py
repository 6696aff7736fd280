"""A zip whose directory states a wrong place is refused by name, whatever Python raises."""

import io
import lzma
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cxv.data.archives import DataError, members


@pytest.mark.parametrize("around", [bytes, lzma.compress], ids=["alone", "in xz"])
def test_a_zip_whose_list_points_before_its_beginning_is_broken(
    tmp_path: Path, around: Callable[[bytes], bytes]
) -> None:
    """Its own place is 20 bytes too high, and so is that of each member."""
    content = bytearray(zipfile_of_one())
    place = content.rindex(b"PK\5\6") + 16
    [offset] = struct.unpack_from("<L", content, place)
    struct.pack_into("<L", content, place, offset + 20)
    path = tmp_path / ("toy.zip" if around is bytes else "toy.zip.xz")
    path.write_bytes(around(bytes(content)))
    with pytest.raises(DataError, match=f"{path}: broken archive: "):
        dict(members(path))


def zipfile_of_one() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "x")
    return buffer.getvalue()
