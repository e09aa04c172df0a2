"""Evidence: the tables of `data/`, read, checked and labelled."""

from resurge.evidence.faults import EvidenceError, Fault
from resurge.evidence.tables import Evidence, check_evidence, load_evidence, read_rows

__all__ = ["Evidence", "EvidenceError", "Fault", "check_evidence", "load_evidence", "read_rows"]
