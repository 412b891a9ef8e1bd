//! The invariants by name.

mod words;

use self::words::{WORDS, Words};

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
    /// RI-8.
    CommittedStays,
    /// RI-9.
    TermsRise,
    /// RI-10.
    DurableFirst,
    /// RI-11.
    IndexOrder,
    /// RI-12.
    MatchIndex,
    /// RI-13.
    LogTerms,
    /// RI-14.
    OwnTerm,
    /// RI-15.
    FreshReads,
    /// RI-20.
    TrueSnapshots,
    /// RI-21.
    EqualReplicas,
    /// RI-22.
    HonestAcks,
    /// CI-1.
    NumberedConfigs,
    /// CI-2.
    OwnersExist,
    /// CI-3.
    EvenShares,
    /// CI-4.
    FewestMoves,
    /// CI-5.
    OneMove,
    /// CI-6.
    EqualConfigs,
    /// CI-7.
    TrueQueries,
    /// CI-8.
    MayReturn,
    /// CI-9.
    NoSwaps,
    /// KI-1.
    OneServer,
    /// KI-2.
    OneByOne,
    /// KI-3.
    DataFirst,
    /// KI-4.
    NothingLost,
    /// KI-5.
    SessionsTravel,
    /// KI-6.
    DeleteLast,
    /// KI-7.
    InstallOnce,
    /// KI-8.
    OneCopy,
    /// KI-9.
    OthersGoOn,
    /// KI-10.
    RefusalsPass,
    /// KI-11.
    SameCall,
    /// KI-12.
    NoMutualWait,
    /// The simulator's own: alarms lie in the future.
    Time,
}

impl Law {
    /// All of them, in order.
    pub const ALL: [Self; 40] = [
        Self::ElectionSafety,
        Self::OneVote,
        Self::AppendOnly,
        Self::LogMatching,
        Self::LeaderCompleteness,
        Self::StateMachineSafety,
        Self::DurableQuorum,
        Self::CommittedStays,
        Self::TermsRise,
        Self::DurableFirst,
        Self::IndexOrder,
        Self::MatchIndex,
        Self::LogTerms,
        Self::OwnTerm,
        Self::FreshReads,
        Self::TrueSnapshots,
        Self::EqualReplicas,
        Self::HonestAcks,
        Self::NumberedConfigs,
        Self::OwnersExist,
        Self::EvenShares,
        Self::FewestMoves,
        Self::OneMove,
        Self::EqualConfigs,
        Self::TrueQueries,
        Self::MayReturn,
        Self::NoSwaps,
        Self::OneServer,
        Self::OneByOne,
        Self::DataFirst,
        Self::NothingLost,
        Self::SessionsTravel,
        Self::DeleteLast,
        Self::InstallOnce,
        Self::OneCopy,
        Self::OthersGoOn,
        Self::RefusalsPass,
        Self::SameCall,
        Self::NoMutualWait,
        Self::Time,
    ];

    const fn words(self) -> &'static Words {
        &WORDS[self as usize]
    }

    /// Its short name.
    pub const fn id(self) -> &'static str {
        self.words().id
    }

    /// Its name in the field.
    pub const fn name(self) -> &'static str {
        self.words().name
    }

    /// What it says, with the paper's section.
    pub const fn meaning(self) -> &'static str {
        self.words().meaning
    }

    /// What was seen when it was broken: before a number, and between it and another.
    pub(super) const fn seen(self) -> [&'static str; 2] {
        self.words().seen
    }
}
