//! Logs, acknowledgements and the commit index.

use shardscope_core::id::MutantId;
use shardscope_core::sim::invariants::Law;
use shardscope_core::sim::packet::Shape::{Append, AppendReply, Heartbeat, Vote, VoteReply};

use crate::mutants::judge::Found;
use crate::mutants::script::Do::{
    Beat, Call, Campaign, Crash, Deliver, Drop, Free, Hold, Latest, Restart, Slow, Wait,
};
use crate::mutants::script::{C, Run, S};

const S1: S = S(1);
const S2: S = S(2);
const S3: S = S(3);
const S4: S = S(4);
const S5: S = S(5);

pub(super) const RUNS: &[Run] = &[
    // Figure 8 with three servers: S1 has an entry of term 1, S2 one of term 2 in the same slot; S1
    // leads term 3 and copies its old entry to S3; S2 wins term 4.
    Run {
        mutant: MutantId::R15,
        caught_by: Found::Law(Law::LeaderCompleteness),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Campaign(S2),
            Deliver(Vote, S2, S3),
            Deliver(VoteReply, S3, S2),
            Deliver(Vote, S2, S1),
            Campaign(S1),
            Latest(Vote, S1, S3),
            Deliver(VoteReply, S3, S1),
            Latest(Append, S1, S3),
            Latest(AppendReply, S3, S1),
            Latest(Append, S1, S3),
            Latest(AppendReply, S3, S1),
            Latest(Vote, S1, S2),
            Campaign(S2),
            Latest(Vote, S2, S3),
            Latest(VoteReply, S3, S2),
        ],
    },
    // S1 has an entry of its own; S3's heartbeat, while a snapshot is on its way to S1, fits any
    // log and tells a commit index.
    Run {
        mutant: MutantId::R16,
        caught_by: Found::Law(Law::StateMachineSafety),
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(1),
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Deliver(Vote, S1, S3),
            Campaign(S3),
            Deliver(Vote, S3, S2),
            Deliver(VoteReply, S2, S3),
            Call(C(1), S3, "append x a"),
            Deliver(Append, S3, S2),
            Deliver(AppendReply, S2, S3),
            Beat(S3),
            Beat(S3),
            Deliver(Heartbeat, S3, S1),
        ],
    },
    // What S1 sends is lost, and S2 acknowledges the heartbeat that follows it.
    Run {
        mutant: MutantId::R17,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Call(C(1), S1, "append x a"),
            Drop(Append, S1, S2),
            Beat(S1),
            Deliver(Heartbeat, S1, S2),
            Deliver(AppendReply, S2, S1),
        ],
    },
    // A heartbeat is overtaken by an entry, which S2 acknowledges.
    Run {
        mutant: MutantId::R18,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Beat(S1),
            Call(C(1), S1, "append x a"),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
            Deliver(Heartbeat, S1, S2),
        ],
    },
    // S1 has an entry of term 1 where S3 has one of term 2, and another after it.
    Run {
        mutant: MutantId::R19,
        caught_by: Found::Law(Law::LogMatching),
        servers: 3,
        setup: |scenario| scenario.raft.append_max = 2,
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Deliver(Vote, S1, S3),
            Campaign(S3),
            Deliver(Vote, S3, S2),
            Deliver(VoteReply, S2, S3),
            Call(C(1), S3, "append x a"),
            Beat(S3),
            Latest(Append, S3, S1),
        ],
    },
    // S1 has an entry of term 1; S2 and S3 have one of term 2 there, and S3 leads term 3.
    Run {
        mutant: MutantId::R20,
        caught_by: Found::Law(Law::LogMatching),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Campaign(S2),
            Deliver(Vote, S2, S3),
            Deliver(VoteReply, S3, S2),
            Deliver(Append, S2, S3),
            Campaign(S3),
            Deliver(Vote, S3, S2),
            Deliver(VoteReply, S2, S3),
            Deliver(Append, S3, S1),
        ],
    },
    // S3 commits in term 2 with S2; then S2 gets what S1 sent in term 1.
    Run {
        mutant: MutantId::R21,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Deliver(Vote, S1, S3),
            Campaign(S3),
            Deliver(Vote, S3, S2),
            Deliver(VoteReply, S2, S3),
            Deliver(Append, S3, S2),
            Deliver(AppendReply, S2, S3),
            Deliver(Append, S1, S2),
        ],
    },
    // S2 acknowledges the first of two entries that are on their way.
    Run {
        mutant: MutantId::R22,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Call(C(1), S1, "append x a"),
            Call(C(2), S1, "append x b"),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
        ],
    },
    // S2's disk is slow, and S2 crashes while it writes what it has acknowledged.
    Run {
        mutant: MutantId::R23,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Slow(S2, 1_000),
            Call(C(1), S1, "append x a"),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
            Crash(S2),
            Restart(S2),
        ],
    },
    // S2 acknowledges two entries of term 1, which S3 overwrites in term 2; S1 hears of it when it
    // leads term 3 and has another entry there.
    Run {
        mutant: MutantId::R24,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 5,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Deliver(Vote, S1, S3),
            Deliver(VoteReply, S3, S1),
            Call(C(1), S1, "append x a"),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
            Deliver(Append, S1, S2),
            Campaign(S3),
            Deliver(Vote, S3, S4),
            Deliver(VoteReply, S4, S3),
            Deliver(Vote, S3, S5),
            Deliver(VoteReply, S5, S3),
            Deliver(Append, S3, S1),
            Deliver(Append, S3, S2),
            Deliver(Append, S3, S4),
            Campaign(S1),
            Latest(Vote, S1, S4),
            Deliver(VoteReply, S4, S1),
            Latest(Vote, S1, S5),
            Deliver(VoteReply, S5, S1),
            Latest(Append, S1, S4),
            Deliver(AppendReply, S4, S1),
            Deliver(AppendReply, S2, S1),
        ],
    },
    // Two entries overtake each other: S2 refuses the second and acknowledges the first.
    Run {
        mutant: MutantId::R25,
        caught_by: Found::Law(Law::MatchIndex),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Call(C(1), S1, "append x a"),
            Call(C(2), S1, "append x b"),
            Latest(Append, S1, S2),
            Deliver(Append, S1, S2),
            Latest(AppendReply, S2, S1),
            Deliver(AppendReply, S2, S1),
        ],
    },
];
