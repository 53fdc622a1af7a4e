"""Progress over several batches of replications as one: so many of at most so many."""

from __future__ import annotations

from sim.runs.batch import Progress


class Overall:
    """Takes the progress of one batch after another and reports that of all, whose number is known at most."""

    def __init__(self, report: Progress, most: int) -> None:
        self._report, self._most = report, most
        self._before = self._done = self._total = 0

    def __call__(self, done: int, total: int) -> None:
        """Progress of the batch that runs. A batch begins where the last one was at its end, or has another total."""
        if self._done == self._total or done < self._done or total != self._total:
            self._before += self._done
        self._done, self._total = done, total
        self._report(self.done, max(self._most, self.done))

    @property
    def done(self) -> int:
        """Replications of all batches so far."""
        return self._before + self._done

    def end(self) -> None:
        """No batch follows: what was done is all."""
        self._report(self.done, self.done)


__all__ = ["Overall"]
