//! The rules that answers cite.

/// A rule that holds something up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An entry is committed once a majority stores it (§5.3).
    Majority,
    /// Only an entry of the leader's own term is committed by counting (§5.4.2).
    OwnTerm,
    /// What the leader does not have is thrown away (§5.3).
    LeadersLog,
    /// A leader needs the votes of a majority (§5.2).
    Votes,
    /// A vote goes only to a log that is as up-to-date as the voter's (§5.4.1).
    UpToDate,
    /// Only the leader serves clients (§8).
    LeaderServes,
    /// A leader that hands its office over takes no commands (thesis §3.10).
    HandsOver,
    /// A leader takes no more than so many uncommitted entries.
    Full,
    /// Configurations are taken one by one (KI-2).
    OneByOne,
    /// A group finishes with one configuration before it takes the next (KI-2, KI-8).
    FinishFirst,
    /// A shard is served only once all of it is here and nobody else can have it (KI-1, KI-3).
    WholeShard,
    /// While one of its shards is on its way, the whole group serves nothing (KI-9).
    WholeGroup,
    /// Shards that are to be given away are given at once (KI-12): this group waits instead.
    GivesAtOnce,
}

impl Rule {
    /// Where it is written: a section of the extended paper, of the thesis, or the name of the
    /// invariant that it keeps.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Majority | Self::LeadersLog => "§5.3",
            Self::OwnTerm => "§5.4.2",
            Self::Votes => "§5.2",
            Self::UpToDate => "§5.4.1",
            Self::LeaderServes => "§8",
            Self::HandsOver => "thesis §3.10",
            Self::Full => "the setting \"uncommitted entries\"",
            Self::OneByOne => "KI-2",
            Self::FinishFirst => "KI-2, KI-8",
            Self::WholeShard => "KI-1, KI-3",
            Self::WholeGroup => "KI-9",
            Self::GivesAtOnce => "KI-12",
        }
    }
}
