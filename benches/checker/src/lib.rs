//! The linearizability checker beside a plain search, on histories that others recorded and on
//! drawn ones.
//!
//! Nothing here tells the time: whoever measures brings a clock.
#![forbid(unsafe_code)]

pub mod plain;
pub mod synthetic;

use std::hint::black_box;

use shardscope_core::history::Event;
use shardscope_core::kv::Kv;
use shardscope_core::linear::{self, Live, LiveVerdict, OperationOf, Search, Verdict};
use shardscope_core::machine::Machine;
use shardscope_tests::histories::{Cell, Register, cells, register};

use synthetic::{Crowd, events, history};

/// More than any history here needs.
pub const PLENTY: u64 = 100_000_000;

/// A recorded history, split into what can be judged apart.
pub enum Recorded {
    /// Of a register.
    Register(Vec<OperationOf<Register>>),
    /// Of a key/value store, key by key.
    Cells(Vec<Vec<OperationOf<Cell>>>),
}

impl Recorded {
    /// Reads a history by its name: `jepsen/….log` or `kv/….txt`.
    pub fn read(name: &str, text: &str) -> Self {
        match name.starts_with("jepsen") {
            true => Self::Register(register(text)),
            false => Self::Cells(cells(text).into_values().collect()),
        }
    }

    /// The core's verdict.
    pub fn ours(&self) -> Verdict {
        match self {
            Self::Register(operations) => ours(&Register(None), operations, PLENTY),
            Self::Cells(keys) => {
                worst(keys.iter().map(|key| ours(&Cell(String::new()), key, PLENTY)))
            }
        }
    }

    /// The plain search's.
    pub fn plain(&self) -> Verdict {
        match self {
            Self::Register(operations) => plain::search(&Register(None), operations, PLENTY),
            Self::Cells(keys) => {
                worst(keys.iter().map(|key| plain::search(&Cell(String::new()), key, PLENTY)))
            }
        }
    }
}

/// The core's verdict on operations that belong together.
pub fn ours<M: Machine>(initial: &M, operations: &[OperationOf<M>], budget: u64) -> Verdict {
    let mut search = Search::new(initial.clone(), operations);
    search.run(budget);
    search.verdict()
}

/// What verdicts come to; the first illegal one ends it.
pub fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut worst = Verdict::Linearizable;
    for verdict in verdicts {
        match verdict {
            Verdict::Illegal => return verdict,
            Verdict::Undecided => worst = verdict,
            Verdict::Linearizable => {}
        }
    }
    worst
}

/// The verdict of a live checker that was fed all events of a history, and nothing besides.
pub fn live(events: &[Event]) -> LiveVerdict {
    let mut live = Live::new(1_000);
    events.iter().for_each(|event| live.feed(event).expect("a history"));
    live.verdict()
}

/// The crowd whose histories stand for a healthy run.
pub const HEALTHY: Crowd = Crowd { operations: 100_000, clients: 4, keys: 10, lost: 0 };

/// The milliseconds that a healthy run takes to check, at once and live. The clock tells
/// milliseconds.
pub fn figures(clock: &dyn Fn() -> f64) -> [(&'static str, f64); 2] {
    let events = events(HEALTHY, 1);
    let history = history(&events);
    let fastest = |work: &dyn Fn()| {
        let round = |_| {
            let start = clock();
            work();
            clock() - start
        };
        (0..5).map(round).fold(f64::INFINITY, f64::min)
    };
    let batch = fastest(&|| {
        let keys = linear::check(&history, PLENTY).expect("a history");
        assert_eq!(linear::verdict(&keys), Verdict::Linearizable);
        black_box(keys);
    });
    let live = fastest(&|| assert!(matches!(live(&events), LiveVerdict::SoFar { .. })));
    [("100,000 operations checked", batch), ("100,000 operations, live", live)]
}

/// The keys of a drawn history, each with its operations.
pub fn keys(events: &[Event]) -> Vec<Vec<OperationOf<Kv>>> {
    let keys = linear::check(&history(events), 0).expect("a history");
    keys.into_iter().map(|key| key.operations).collect()
}
