//! Snapshots and what they hold.

use shardscope_core::id::MutantId;
use shardscope_core::sim::invariants::Law;
use shardscope_core::sim::packet::Shape::{Snapshot, SnapshotReply, Vote, VoteReply};

use crate::mutants::judge::Found;
use crate::mutants::script::Cond::Applied;
use crate::mutants::script::Do::{
    Ask, Beat, Bind, Call, Campaign, Copy, Crash, Deliver, Free, Hold, Isolate, Mute, Rejoin,
    Restart, Slow, Wait, Within,
};
use crate::mutants::script::{C, Run, S};

const S1: S = S(1);
const S2: S = S(2);
const S3: S = S(3);

pub(super) const RUNS: &[Run] = &[
    // S3 gets a copy of a snapshot, goes on, and gets the snapshot.
    Run {
        mutant: MutantId::R41,
        caught_by: Found::Law(Law::TrueSnapshots),
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(1),
        natural: false,
        steps: &[
            Free,
            Isolate(S3),
            Campaign(S1),
            Wait(20),
            Call(C(1), S1, "put x 1"),
            Rejoin(S3),
            Hold,
            Beat(S1),
            Copy(Snapshot, S1, S3),
            Deliver(SnapshotReply, S3, S1),
            Free,
            Call(C(2), S1, "append x 2"),
            Beat(S1),
            Deliver(Snapshot, S1, S3),
        ],
    },
    // S3 misses that a key was deleted.
    Run {
        mutant: MutantId::R42,
        caught_by: Found::Law(Law::EqualReplicas),
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(1),
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Call(C(1), S1, "put x 1"),
            Beat(S1),
            Wait(20),
            Isolate(S3),
            Call(C(1), S1, "delete x"),
            Rejoin(S3),
            Beat(S1),
            Wait(20),
            Beat(S1),
            Wait(20),
        ],
    },
    // S1 restarts from a snapshot, and client 1, which has no answer yet, asks again.
    Run {
        mutant: MutantId::R43,
        caught_by: Found::History,
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(1),
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Bind(C(1), S1),
            Mute(C(1)),
            Ask(C(1), "append x a"),
            Wait(20),
            Crash(S1),
            Restart(S1),
            Campaign(S1),
            Wait(20),
            Bind(C(1), S1),
            Wait(30),
            Call(C(1), S1, "get x"),
        ],
    },
    // S1 crashes while it replaces its log by a snapshot.
    Run {
        mutant: MutantId::R44,
        caught_by: Found::Law(Law::EqualReplicas),
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(15),
        natural: false,
        steps: &[
            Free,
            Campaign(S1),
            Wait(20),
            Call(C(1), S1, "append x a"),
            Slow(S1, 1_000),
            Call(C(1), S1, "append x b"),
            Wait(490),
            Crash(S1),
            Restart(S1),
            Slow(S1, 1),
            Campaign(S1),
            Wait(20),
        ],
    },
    // S1 has three entries of term 1, and gets a snapshot of two entries of term 2.
    Run {
        mutant: MutantId::R45,
        caught_by: Found::Law(Law::LogMatching),
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(1),
        natural: false,
        steps: &[
            Campaign(S1),
            Deliver(Vote, S1, S2),
            Deliver(VoteReply, S2, S1),
            Call(C(1), S1, "append x a"),
            Call(C(2), S1, "append x b"),
            Isolate(S1),
            Free,
            Campaign(S2),
            Wait(20),
            Call(C(3), S2, "append x c"),
            Rejoin(S1),
            Beat(S2),
            Wait(20),
        ],
    },
    // S3 is cut off while the others go on and compact.
    Run {
        mutant: MutantId::R46,
        caught_by: Found::Stuck,
        servers: 3,
        setup: |scenario| scenario.snapshot_above = Some(1),
        natural: true,
        steps: &[
            Campaign(S1),
            Wait(100),
            Isolate(S3),
            Call(C(1), S1, "put x 1"),
            Wait(500),
            Rejoin(S3),
            Within(12_000, Applied(S3, 2)),
        ],
    },
];
