//! Votes, terms and timers.

use shardscope_core::id::MutantId;
use shardscope_core::sim::invariants::Law;
use shardscope_core::sim::packet::Shape::{Append, AppendReply, Vote, VoteReply};

use crate::mutants::judge::Found;
use crate::mutants::script::Cond::{Answered, Committed, Leader};
use crate::mutants::script::Do::{
    Ask, Call, Campaign, Copy, Crash, Cut, Deliver, Free, Hold, Isolate, Latest, Rejoin, Repeat,
    Restart, Wait, Within,
};
use crate::mutants::script::{C, Do, Run, S};

const S1: S = S(1);
const S2: S = S(2);
const S3: S = S(3);

/// S1 stands, restarts, and is asked by S3 for its vote in the same term.
const VOTES_TWICE: &[Do] =
    &[Campaign(S1), Crash(S1), Restart(S1), Campaign(S3), Deliver(Vote, S3, S1)];

pub(super) const RUNS: &[Run] = &[
    Run {
        mutant: MutantId::R1,
        caught_by: Found::Law(Law::OneVote),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: VOTES_TWICE,
    },
    Run {
        mutant: MutantId::R2,
        caught_by: Found::Law(Law::OneVote),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: VOTES_TWICE,
    },
    // S2, which missed an entry, stands against S3, which wins; S2 follows it and is asked again.
    Run {
        mutant: MutantId::R3,
        caught_by: Found::Law(Law::OneVote),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Isolate(S2),
            Campaign(S3),
            Wait(20),
            Rejoin(S2),
            Hold,
            Crash(S3),
            Restart(S3),
            Campaign(S3),
            Campaign(S2),
            Campaign(S2),
            Deliver(Vote, S3, S1),
            Deliver(VoteReply, S1, S3),
            Deliver(Append, S3, S2),
            Deliver(Vote, S3, S2),
        ],
    },
    // S3 stands twice, and gets the vote of the first election in the second, which S2 wins.
    Run {
        mutant: MutantId::R4,
        caught_by: Found::Law(Law::ElectionSafety),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S3),
            Deliver(Vote, S3, S2),
            Campaign(S3),
            Deliver(VoteReply, S2, S3),
            Campaign(S2),
            Deliver(Vote, S2, S1),
            Deliver(VoteReply, S1, S2),
        ],
    },
    // One vote of five comes twice; the three others elect somebody else.
    Run {
        mutant: MutantId::R5,
        caught_by: Found::Law(Law::ElectionSafety),
        servers: 5,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Copy(VoteReply, S2, S1),
            Deliver(VoteReply, S2, S1),
            Campaign(S3),
            Deliver(Vote, S3, S(4)),
            Deliver(VoteReply, S(4), S3),
            Deliver(Vote, S3, S(5)),
            Deliver(VoteReply, S(5), S3),
        ],
    },
    Run {
        mutant: MutantId::R6,
        caught_by: Found::Law(Law::OneVote),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[Campaign(S1), Campaign(S2), Deliver(Vote, S1, S2)],
    },
    // S1 commits with S2; S3, whose log is empty, asks S2.
    Run {
        mutant: MutantId::R7,
        caught_by: Found::Law(Law::LeaderCompleteness),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
            Campaign(S3),
            Campaign(S3),
            Latest(Vote, S3, S2),
            Deliver(VoteReply, S2, S3),
        ],
    },
    // S3 leads term 1 and has two entries of its own; S1 commits one of term 2 with S2.
    Run {
        mutant: MutantId::R8,
        caught_by: Found::Law(Law::LeaderCompleteness),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Campaign(S3),
            Deliver(Vote, S3, S1),
            Deliver(VoteReply, S1, S3),
            Call(C(1), S3, "append x a"),
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
            Deliver(Vote, S1, S3),
            Campaign(S3),
            Latest(Vote, S3, S2),
            Deliver(VoteReply, S2, S3),
        ],
    },
    // Only S3 can win, and S1 and S2, which do not hear each other, stand again and again.
    Run {
        mutant: MutantId::R9,
        caught_by: Found::Stuck,
        servers: 3,
        setup: |scenario| scenario.raft.pre_vote = false,
        natural: true,
        steps: &[
            Campaign(S3),
            Wait(20),
            Isolate(S3),
            Isolate(S2),
            Call(C(1), S3, "append x a"),
            Crash(S3),
            Restart(S3),
            Rejoin(S3),
            Repeat(60, &[Campaign(S1), Wait(85), Campaign(S2), Wait(85)]),
            Within(0, Committed(3)),
        ],
    },
    // S3 has the longer log and S1 the later term; S2 is down.
    Run {
        mutant: MutantId::R10,
        caught_by: Found::Stuck,
        servers: 3,
        setup: |_| {},
        natural: true,
        steps: &[
            Campaign(S3),
            Wait(100),
            Isolate(S3),
            Isolate(S2),
            Call(C(1), S3, "append x a"),
            Wait(1_000),
            Repeat(4, &[Campaign(S1)]),
            Crash(S2),
            Rejoin(S3),
            Within(12_000, Leader),
        ],
    },
    // The others hear S1, and S1 hears nobody.
    Run {
        mutant: MutantId::R13,
        caught_by: Found::Stuck,
        servers: 3,
        setup: |_| {},
        natural: true,
        steps: &[
            Campaign(S1),
            Wait(100),
            Cut(S2, S1),
            Cut(S3, S1),
            Ask(C(1), "put x 1"),
            Within(12_000, Answered(C(1))),
        ],
    },
    Run {
        mutant: MutantId::R14,
        caught_by: Found::Law(Law::DurableQuorum),
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[Campaign(S1)],
    },
];
