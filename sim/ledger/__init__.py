"""From a ledger of disputes to estimates, and to a place file."""
