from reports.models.historical import HistoricalDataset
from reports.models.reports import Report, ReportFile

__all__ = ["HistoricalDataset", "Report", "ReportFile"]
