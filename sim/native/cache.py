"""Where machine code is kept between runs.

Numba's own cache does not notice when a function that is called from another file changes. So the folder's name
contains a digest of all sources that are compiled. Stored machine code is run as it is found: a folder that others can
write to is not used. Where there is none of our own, code is kept in a folder of this process and its workers.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

import platformdirs

COMPILED = ("native", "engines/compiled")  # packages, beside `sim`, whose modules are compiled
ALONE = ("outcomes/one_pass", "rules")  # modules that are compiled, too
TAKEN = (
    "clock",
    "draws",
    "traces",
    "vocabulary",
    "model/tables",
)  # modules from which compiled ones take something
ENTRIES = ("loop.proceed", "one_pass.count_rows")  # what the engine, and the reading of outcomes, begins with


def sources() -> list[Path]:
    """All files on which the machine code depends."""
    here = Path(__file__).resolve().parents[1]
    return [
        *(path for package in COMPILED for path in sorted((here / package).glob("*.py"))),
        *(here / f"{module}.py" for module in (*ALONE, *TAKEN)),
    ]


def _digest() -> str:
    h = hashlib.sha256()
    for source in sources():
        h.update(source.read_bytes())
    return h.hexdigest()[:16]


def _folder() -> Path:
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(platformdirs.user_cache_dir("village-disputes")) / f"code-{_digest()}"


def is_compiled() -> bool:
    """Whether the machine code of both is stored, so that it need not be made."""
    folder = _folder()
    return is_ours(folder) and all(
        next(folder.rglob(f"{entry}-*.nbc"), None) is not None for entry in ENTRIES
    )


def use_cache() -> None:
    """Point numba's cache at a folder that nobody else can write to: ours, else one for this process and its workers.

    What is stored is run as it is, so a folder that another user could have made or filled is never read from.
    """
    folder = _folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = is_ours(folder)
        if usable:
            with tempfile.TemporaryFile(dir=folder):
                pass
    except OSError:
        usable = False
    os.environ["NUMBA_CACHE_DIR"] = str(folder.resolve()) if usable else _private()


def _private() -> str:
    """A new folder that goes with this process; empty if there can be none, so that nothing is stored."""
    try:
        folder = tempfile.mkdtemp(prefix="village-disputes-")  # a name that nobody can guess, mode 0700
    except OSError:
        return ""
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_ours(folder: Path) -> bool:
    """Whether nobody else can have written to a folder, nor put another one in its place."""
    if not hasattr(os, "getuid"):
        return folder.is_dir()  # Windows: the folder of a user's programs is that user's alone
    try:
        real = folder.resolve(strict=True)
        inside = real.stat()
        if not stat.S_ISDIR(inside.st_mode) or inside.st_uid != os.getuid() or others_write(inside):
            return False
        return all(_stays(above.stat()) for above in real.parents)
    except OSError:
        return False


def _stays(above: os.stat_result) -> bool:
    """Whether what lies in a folder can be renamed by its owner only, and by who owns the folder: us or root."""
    sticky = bool(above.st_mode & stat.S_ISVTX)
    return above.st_uid in (0, os.getuid()) and (sticky or not others_write(above))


def others_write(found: os.stat_result) -> bool:
    """Whether others may write: all, or a group that has other members."""
    if found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not _alone_in(found.st_gid)


def _alone_in(group: int) -> bool:
    """Whether a group is one of those that many systems give to each user, with nobody else in it."""
    import grp
    import pwd

    try:
        own, users = pwd.getpwuid(os.getuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return own.pw_gid == group and users.gr_name == own.pw_name and set(users.gr_mem) <= {own.pw_name}
