"""The root of the package's own errors: one clear sentence each, and the exit code that the command line gives it.

ResurgeError
├── EvidenceError              1  the evidence is faulty
├── UsageError                 2  the question or the place makes no sense
│   ├── ProjectNotFoundError
│   ├── ProjectExistsError        a new project may not be written where something is
│   ├── NothingToFitError         no row says how often recurrence happens
│   ├── AddingError               what was given for a new row makes no sense
│   ├── NoKeyLeftError            all keys of a table are given out
│   ├── EvidenceChangedError      somebody else changed a table meanwhile
│   ├── ImportFileError           what is wrong with a file that is to be imported
│   ├── PriorError                what was given is no prior of that parameter
│   ├── StudyError                an effect or a standard error that cannot be pooled
│   ├── ImproperPosteriorError    an improper prior met too few studies
│   ├── ContrastError             a contrast that no network can take in
│   ├── DisconnectedNetworkError  treatments that no trials join
│   ├── ClusterError              there is no cluster to fit on
│   ├── UnansweredError           what the estimand of a claim reads is not there
│   └── UnknownTreatmentError     a treatment that is not in the network
├── InformationShrinksError    1  a later report of a trial is no more precise than the one before
├── EffectError                2  published numbers do not give a log ratio and its standard error
│   └── NoInformationError
├── CannotReweightError        2  stored draws cannot stand for today's evidence, and a fit can
├── OtherShapeError            2  evidence cannot be laid out in the shape of more evidence, and a model of its own can
├── RecordError                4  a needed posterior is missing, stale or damaged
│   ├── PosteriorMissingError
│   ├── PosteriorStaleError
│   ├── RecordBrokenError
│   ├── RecordOutdatedError      another version of the package made it
│   ├── HistoryError             an entry of the history is not there, or is none
│   └── PosteriorFailedError   3  a fit failed its gate
├── RenderError                5  the report could not be rendered
├── RecordLockedError          6  another process is writing the same thing
├── NotWrittenError            7  a file cannot be written: a full disk, a folder that may not be written to
└── WorkerError                8  a fit in another process, or the exit code of what stopped it there
"""


class ResurgeError(Exception):
    """An error whose message is for the user."""

    exit_code = 2


class UsageError(ResurgeError):
    """What was asked makes no sense, or not here."""
