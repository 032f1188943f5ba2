"""The memory of a descriptor, shared with the kernel, without a second descriptor to it.

``mmap.mmap`` keeps a duplicate of the descriptor for as long as the memory is mapped. A duplicate of a packet socket has a number of
its own, by which one could send past the filter that refuses sending (``silence``); so the C library is asked directly.

Limits: the memory is gone after ``close``; a view of it taken before must not be used any more, so ``view`` is let go of there.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from typing import Final

_FAILED: Final = ctypes.c_void_p(-1).value


class Mapping:
    """``size`` bytes of ``descriptor``, to read and to write. Raises ``OSError``."""

    def __init__(self, descriptor: int, size: int) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        library.mmap.restype = ctypes.c_void_p
        library.mmap.argtypes = (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_ssize_t,
        )
        library.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
        address = library.mmap(None, size, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, descriptor, 0)
        if address is None or address == _FAILED:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self.size = size
        self.view = memoryview((ctypes.c_char * size).from_address(address)).cast("B")
        self._address = address
        self._library = library

    def close(self) -> None:
        """Give the memory back; closing twice does nothing."""
        if self._address:
            self.view.release()
            self._library.munmap(self._address, self.size)
            self._address = 0
