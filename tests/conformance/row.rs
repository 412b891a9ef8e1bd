//! A row of the table: what is done, and what must come of it.

use std::fmt;

use shardscope_core::rng::Ppm;
use shardscope_core::sim::{Latency, Network, Pace, Scenario, Workload};
use shardscope_core::time::{Duration, Instant};

use super::Check;
use super::lab::Lab;
use super::traffic::Fault;

/// What a tester does.
pub(crate) type Run = fn(&mut Lab) -> Check;

/// An obligation.
pub(crate) struct Row {
    /// The name that it has in the field.
    pub(crate) name: &'static str,
    /// What is different from the row of this name that came before; empty: nothing.
    pub(crate) variant: &'static str,
    pub(crate) servers: u16,
    /// Messages take 1 to 27 ms and every tenth is lost; otherwise 1 to 10 ms, and none.
    pub(crate) unreliable: bool,
    /// Servers compact their logs.
    pub(crate) snapshots: bool,
    /// Wrong decisions that make it fail within a few seeds, by their number in the catalogue.
    pub(crate) mutants: &'static [&'static str],
    /// So many commands at least must have been committed.
    pub(crate) operations: u64,
    /// What must have happened at least so often.
    pub(crate) faults: &'static [(Fault, u64)],
    pub(crate) run: Run,
}

impl Row {
    /// The usual row: reliable links, no snapshots.
    pub(crate) const fn new(name: &'static str, servers: u16, run: Run) -> Self {
        Self {
            name,
            variant: "",
            servers,
            unreliable: false,
            snapshots: false,
            mutants: &[],
            operations: 0,
            faults: &[],
            run,
        }
    }
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    AtMost(u64),
    AtLeast(u64),
}

/// A value that was seen, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) seen: u64,
    pub(crate) bound: Bound,
}

impl Figure {
    pub(crate) const fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(bound) => self.seen <= bound,
            Bound::AtLeast(bound) => self.seen >= bound,
        }
    }

    /// The one of two that is nearer to its bound.
    fn worse(self, other: &Self) -> Self {
        let seen = match self.bound {
            Bound::AtMost(_) => self.seen.max(other.seen),
            Bound::AtLeast(_) => self.seen.min(other.seen),
        };
        Self { seen, ..self }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Bound::AtMost(bound) => write!(f, "{} {} <= {bound}", self.name, self.seen),
            Bound::AtLeast(bound) => write!(f, "{} {} >= {bound}", self.name, self.seen),
        }
    }
}

/// What became of a row with one seed.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) result: Check,
    pub(crate) time: Instant,
    pub(crate) steps: u64,
    pub(crate) operations: u64,
    pub(crate) figures: Vec<Figure>,
}

/// A row may take so long, in the run's own time.
const TIME: Duration = Duration::from_secs(120);

/// The settings of every row: links of 1 to 10 ms, or 1 to 27 ms with a tenth lost; writes of
/// 0.5 ms, a heartbeat of 50 ms, election time-outs of 200 to 400 ms; pre-vote, check-quorum and
/// the opening no-op. Nobody does anything by itself.
pub(crate) fn scenario(row: &Row, seed: u64) -> Scenario {
    let mut scenario = Scenario::new(seed, row.servers, 0);
    scenario.workload = Workload { pace: Pace::Silent, ..Workload::default() };
    scenario.network = network(row.unreliable);
    scenario.snapshot_above = row.snapshots.then_some(SNAPSHOT_ABOVE);
    scenario
}

/// With entries of [`ENTRY`] bytes, a snapshot is taken about every ten commands.
const SNAPSHOT_ABOVE: u64 = 10 * ENTRY;
/// About what an entry takes whose value has [`super::lab::WIDTH`] bytes.
const ENTRY: u64 = 50;

pub(crate) fn network(unreliable: bool) -> Network {
    let max = Duration::from_millis(if unreliable { 27 } else { 10 });
    Network {
        latency: Latency::Uniform { min: Duration::from_millis(1), max },
        loss: if unreliable { Ppm::percent(10) } else { Ppm::NEVER },
        ..Network::default()
    }
}

/// Carries a row out.
pub(crate) fn run(row: &Row, seed: u64) -> Outcome {
    run_in(row, scenario(row, seed)).0
}

/// The same in a scenario of one's own, and what was left in the end.
pub(crate) fn run_in(row: &Row, scenario: Scenario) -> (Outcome, Lab) {
    let seed = scenario.seed;
    let mut lab = Lab::new(scenario);
    let result = (row.run)(&mut lab).and_then(|()| lab.settle(row, TIME));
    let outcome = Outcome {
        seed,
        result,
        time: lab.now(),
        steps: lab.world.steps(),
        operations: lab.ledger.commands(),
        figures: lab.figures.clone(),
    };
    (outcome, lab)
}

/// A line of the printed table: the worst of all seeds.
pub(crate) fn line(row: &Row, outcomes: &[Outcome]) -> String {
    let failed: Vec<u64> =
        outcomes.iter().filter(|one| one.result.is_err()).map(|one| one.seed).collect();
    let verdict = if failed.is_empty() { "holds".into() } else { format!("FAILS {failed:?}") };
    let time = outcomes.iter().map(|one| one.time).max().unwrap_or_default();
    let mut figures: Vec<Figure> = Vec::new();
    for figure in outcomes.iter().flat_map(|one| &one.figures) {
        let same = |known: &&mut Figure| (known.name, known.bound) == (figure.name, figure.bound);
        match figures.iter_mut().find(same) {
            Some(known) => *known = known.clone().worse(figure),
            None => figures.push(figure.clone()),
        }
    }
    let name = [row.name, row.variant].join(if row.variant.is_empty() { "" } else { ", " });
    let figures: Vec<String> = figures.iter().map(Figure::to_string).collect();
    format!("{name:<42} {verdict:<6} {time:>11} s  {}", figures.join(", "))
}
