//! The invariants by name.

/// An invariant that is judged after every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// RI-1.
    ElectionSafety,
    /// RI-2.
    OneVote,
    /// RI-3.
    AppendOnly,
    /// RI-4.
    LogMatching,
    /// RI-5.
    LeaderCompleteness,
    /// RI-6.
    StateMachineSafety,
    /// RI-7.
    DurableQuorum,
    /// The simulator's own: alarms lie in the future.
    Time,
}

impl Law {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::ElectionSafety,
        Self::OneVote,
        Self::AppendOnly,
        Self::LogMatching,
        Self::LeaderCompleteness,
        Self::StateMachineSafety,
        Self::DurableQuorum,
        Self::Time,
    ];

    /// Its short name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ElectionSafety => "RI-1",
            Self::OneVote => "RI-2",
            Self::AppendOnly => "RI-3",
            Self::LogMatching => "RI-4",
            Self::LeaderCompleteness => "RI-5",
            Self::StateMachineSafety => "RI-6",
            Self::DurableQuorum => "RI-7",
            Self::Time => "W-1",
        }
    }

    /// Its name in the field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "election safety",
            Self::OneVote => "one vote per term",
            Self::AppendOnly => "leader append-only",
            Self::LogMatching => "log matching",
            Self::LeaderCompleteness => "leader completeness",
            Self::StateMachineSafety => "state machine safety",
            Self::DurableQuorum => "committed is durable",
            Self::Time => "time goes on",
        }
    }

    /// What it says, with the paper's section.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::ElectionSafety => "At most one leader is elected in a term (§5.2).",
            Self::OneVote => {
                "A server votes for at most one candidate in a term, even if it restarts (§5.2)."
            }
            Self::AppendOnly => "A leader never overwrites or deletes entries of its log (§5.3).",
            Self::LogMatching => {
                "Two logs with the same term in a slot agree in everything up to it (§5.3)."
            }
            Self::LeaderCompleteness => {
                "A new leader's log has every entry committed in an earlier term (§5.4)."
            }
            Self::StateMachineSafety => {
                "No two servers apply different entries in a slot (§5.4.3)."
            }
            Self::DurableQuorum => {
                "Every committed entry is on the disks of a majority, from then on (§5.4)."
            }
            Self::Time => "No process asks to be woken in the past: time goes on.",
        }
    }
}
