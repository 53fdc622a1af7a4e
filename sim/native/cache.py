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


def _digest() -> str:
    here = Path(__file__).resolve().parent
    names = (
        "agenda", "codes", "compiled", "heaps", "jit", "layout", "latent", "life", "machine", "memory", "stations"
    )  # fmt: skip
    sources = [*(here / f"{name}.py" for name in names), here.parent / "rules.py", here.parent / "clock.py"]
    sources += [here.parent / "draws.py", here.parent / "vocabulary.py", here.parent / "model" / "tables.py"]
    h = hashlib.sha256()
    for source in sources:
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
    return any(next(folder.rglob("compiled.proceed-*.nbc"), None) for folder in folders if folder.is_dir())


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
