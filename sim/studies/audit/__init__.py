"""A call-back of closed files: how many tell the readings of the record apart, and what an answer tells."""

from sim.studies.audit.found import Audit
from sim.studies.audit.plan import AuditPlan, audit, plan

__all__ = ["Audit", "AuditPlan", "audit", "plan"]
