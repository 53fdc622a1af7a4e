"""What all tests need of the process that they run in."""

from __future__ import annotations

import signal

# A shell that starts us in the background has us ignore Ctrl-C, and programs that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
