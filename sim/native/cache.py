"""Where machine code is kept between runs.

Numba's own cache does not notice when a function that is called from another file changes. So the folder's name
contains a digest of all sources that are compiled. A folder that cannot be written is no error: code is then compiled
anew in every process.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs

COMPILED = ("native", "engines/compiled")  # packages, beside `sim`, whose modules are compiled
CALLED = (
    "rules",
    "clock",
    "draws",
    "trace",
    "vocabulary",
    "model/tables",
)  # modules from which they take something


def sources() -> list[Path]:
    """All files on which the machine code depends."""
    here = Path(__file__).resolve().parents[1]
    return [
        *(path for package in COMPILED for path in sorted((here / package).glob("*.py"))),
        *(here / f"{module}.py" for module in CALLED),
    ]


def _digest() -> str:
    h = hashlib.sha256()
    for source in sources():
        h.update(source.read_bytes())
    return h.hexdigest()[:16]


def _folder() -> Path:
    return Path(platformdirs.user_cache_dir("village-disputes")) / f"code-{_digest()}"


def _spare() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"village-disputes-{user}" / _folder().name


def is_compiled() -> bool:
    """Whether the machine code of the events' loop is stored, so that it need not be made."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    folders = [Path(chosen)] if chosen else [_folder(), _spare()]
    return any(next(folder.rglob("loop.proceed-*.nbc"), None) for folder in folders if folder.is_dir())


def use_cache() -> None:
    """Point numba's cache at our folder, unless the user has chosen one."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        folder = _spare()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
