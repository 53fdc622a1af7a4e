"""Whether a script may start workers: each of them imports the script anew, and would start workers of its own."""

from __future__ import annotations

import ast
import sys
import warnings
from pathlib import Path
from types import FrameType

REMARK = (
    'this script starts workers outside of `if __name__ == "__main__":`, and every worker would run it from the top; '
    "it goes on with one process. Put the call below that line, or say workers=1."
)


def allowed(workers: int) -> int:
    """So many workers; one, with a warning at the line that called the public interface, where more would not do."""
    if workers == 1 or not unguarded():
        return workers
    warnings.warn(REMARK, stacklevel=_levels_to_user())
    return 1


def _levels_to_user() -> int:
    """How far up from the caller of this the first line is that does not belong to the program."""
    frame: FrameType | None = sys._getframe(1)
    level = 1
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in (
        "sim",
        "contextlib",
    ):
        frame, level = frame.f_back, level + 1
    return level


def unguarded() -> bool:
    """Whether the caller is reached from a line of a script that its workers would run, too."""
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if file is None or str(getattr(main.__spec__, "name", "")).endswith("__main__"):
        return False  # a notebook, `python -c`, or a package: workers do not run these again
    line = _line_of_script(sys._getframe(), vars(main))
    if line is None:
        return False
    try:
        tree = ast.parse(Path(file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, SyntaxError):
        return False
    return not any(_guards(node) and node.lineno <= line <= (node.end_lineno or line) for node in tree.body)


def _line_of_script(frame: FrameType | None, names: dict[str, object]) -> int | None:
    """The line of the script's own level that is being run; None where another thread, or nothing, runs it."""
    while frame is not None:
        if frame.f_globals is names and frame.f_code.co_name == "<module>":
            return frame.f_lineno
        frame = frame.f_back
    return None


def _guards(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":`, either way round."""
    if not (isinstance(node, ast.If) and isinstance(node.test, ast.Compare)):
        return False
    sides = [node.test.left, *node.test.comparators]
    named = any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)
    return named and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
