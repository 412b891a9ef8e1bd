//! What clients are told: reads, replies and repeats.

use shardscope_core::id::MutantId;
use shardscope_core::sim::packet::Shape::{Append, AppendReply, Vote, VoteReply};

use crate::mutants::judge::Found;
use crate::mutants::script::Do::{
    Ask, Beat, Bind, Call, Campaign, Deliver, Free, Hold, Isolate, Latest, Mute, Wait,
};
use crate::mutants::script::{C, Run, S};

const S1: S = S(1);
const S2: S = S(2);
const S3: S = S(3);

pub(super) const RUNS: &[Run] = &[
    // Client 2 waits at S1 for slot 3; S2 leads, and client 3's call takes that slot.
    Run {
        mutant: MutantId::R26,
        caught_by: Found::History,
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Call(C(1), S1, "append x a"),
            Call(C(2), S1, "append x c"),
            Campaign(S2),
            Deliver(Vote, S2, S3),
            Deliver(VoteReply, S3, S2),
            Call(C(3), S2, "append x b"),
            Deliver(Append, S2, S3),
            Deliver(AppendReply, S3, S2),
            Deliver(Append, S2, S3),
            Deliver(AppendReply, S3, S2),
            Deliver(Append, S2, S1),
            Deliver(AppendReply, S1, S2),
            Deliver(Append, S2, S1),
            Free,
            Call(C(3), S2, "get x"),
        ],
    },
    // S1 is cut off, S2 leads and serves a write; client 1 reads at S1.
    Run {
        mutant: MutantId::R29,
        caught_by: Found::History,
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Call(C(1), S1, "put x 1"),
            Isolate(S1),
            Campaign(S2),
            Wait(20),
            Call(C(2), S2, "put x 2"),
            Call(C(1), S1, "get x"),
        ],
    },
    // S2 leads without knowing that S1's last entry is committed; S3's refusal confirms that it
    // leads.
    Run {
        mutant: MutantId::R30,
        caught_by: Found::History,
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Call(C(1), S1, "put x 1"),
            Deliver(Append, S1, S2),
            Deliver(AppendReply, S2, S1),
            Campaign(S2),
            Deliver(Vote, S2, S3),
            Deliver(VoteReply, S3, S2),
            Call(C(2), S2, "get x"),
            Latest(Append, S2, S3),
            Latest(AppendReply, S3, S2),
        ],
    },
    // S2 takes over, and has committed but not applied what S1 answered.
    Run {
        mutant: MutantId::R34,
        caught_by: Found::History,
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Call(C(1), S1, "put x 1"),
            Beat(S1),
            Campaign(S2),
            Wait(20),
            Call(C(2), S2, "get x"),
        ],
    },
    // No answer reaches client 1, so that it asks again.
    Run {
        mutant: MutantId::R47,
        caught_by: Found::History,
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Bind(C(1), S1),
            Mute(C(1)),
            Ask(C(1), "append x a"),
            Wait(20),
            Bind(C(1), S1),
            Wait(20),
            Call(C(1), S1, "get x"),
        ],
    },
    // S2 has client 1's call from S1 when it is elected, and the client asks S2 as well.
    Run {
        mutant: MutantId::R48,
        caught_by: Found::History,
        servers: 3,
        setup: |_| {},
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Hold,
            Call(C(1), S1, "append x a"),
            Deliver(Append, S1, S2),
            Campaign(S2),
            Deliver(Vote, S2, S3),
            Deliver(VoteReply, S3, S2),
            Bind(C(1), S2),
            Wait(30),
            Free,
            Beat(S2),
            Wait(20),
            Call(C(2), S2, "get x"),
        ],
    },
];
