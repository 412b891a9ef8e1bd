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
    /// The simulator's own: alarms lie in the future.
    Time,
}

/// What is said of a law.
struct Words {
    id: &'static str,
    name: &'static str,
    meaning: &'static str,
    /// What was seen when it was broken, in one sentence: this, a number, that, another number.
    seen: [&'static str; 2],
}

const fn words(
    id: &'static str,
    name: &'static str,
    meaning: &'static str,
    seen: [&'static str; 2],
) -> Words {
    Words { id, name, meaning, seen }
}

/// By the law's number.
static WORDS: [Words; Law::ALL.len()] = [
    words(
        "RI-1",
        "election safety",
        "At most one leader is elected in a term (§5.2).",
        ["was elected in term ", "as was S"],
    ),
    words(
        "RI-2",
        "one vote per term",
        "A server votes for at most one candidate in a term, even if it restarts (§5.2).",
        ["voted for another in term ", "after it had voted for S"],
    ),
    words(
        "RI-3",
        "leader append-only",
        "A leader never overwrites or deletes entries of its log (§5.3).",
        ["leads term ", "and overwrote its own log from slot "],
    ),
    words(
        "RI-4",
        "log matching",
        "Two logs with the same term in a slot agree in everything up to it (§5.3).",
        ["shares an entry of term ", "but not all up to its slot "],
    ),
    words(
        "RI-5",
        "leader completeness",
        "A new leader's log has every entry committed in an earlier term (§5.4).",
        ["leads term ", "without the entry committed in slot "],
    ),
    words(
        "RI-6",
        "state machine safety",
        "No two servers apply different entries in a slot (§5.4.3).",
        ["applied another entry in slot ", "or before its turn, after slot "],
    ),
    words(
        "RI-7",
        "committed is durable",
        "Every committed entry is on the disks of a majority, from then on (§5.4).",
        ["committed slot ", "with all of it on too few disks: "],
    ),
    words(
        "RI-8",
        "committed stays",
        "What a server knows to be committed, it never takes back (§5.3).",
        ["went back to slot ", "after it had committed slot "],
    ),
    words(
        "RI-9",
        "terms rise",
        "A server's term and vote never go back, even if it restarts (§5.1).",
        ["went back to term ", "or voted again, after term "],
    ),
    words(
        "RI-10",
        "durable first",
        "No message leaves before what it promises is on the disk (Figure 2).",
        ["promised term or slot ", "but its disk had only "],
    ),
    words(
        "RI-11",
        "indices in order",
        "Compacted ≤ snapshot ≤ applied ≤ committed ≤ last; slots are applied in order (§5.3).",
        ["applied slot ", "out of order with slot "],
    ),
    words(
        "RI-12",
        "match index",
        "A leader counts only what a follower's disk has, and never less than before (§5.3).",
        ["counts slot ", "which is not so on S"],
    ),
    words(
        "RI-13",
        "log terms",
        "Terms never fall along a log, nor rise above the server's own (§5.3).",
        ["wrote an entry of term ", "after or beyond term "],
    ),
    words(
        "RI-14",
        "own-term commit",
        "A leader counts copies only for entries of its own term (§5.4.2).",
        ["committed slot ", "not of the term that it leads: "],
    ),
    words(
        "RI-15",
        "fresh reads",
        "A read reflects all that was committed before it was called (§8).",
        ["answered a read from slot ", "though called after slot "],
    ),
    words(
        "RI-20",
        "true snapshots",
        "A snapshot ends in a committed entry, and installing one never goes back (§7).",
        ["has a snapshot that ends in slot ", "against what was committed or applied: "],
    ),
    words(
        "RI-21",
        "equal replicas",
        "Servers that applied the same gave the same replies and hold the same (§2).",
        ["replied or holds something else after slot ", "committed up to "],
    ),
    words(
        "RI-22",
        "honest answers",
        "An answer is that of the client's own request, committed and durable (§8).",
        ["got an answer to call ", "not its own or not durable, after call "],
    ),
    words(
        "W-1",
        "time goes on",
        "No process asks to be woken in the past: time goes on.",
        ["asked for the past in step ", "before microsecond "],
    ),
];

impl Law {
    /// All of them, in order.
    pub const ALL: [Self; 19] = [
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
