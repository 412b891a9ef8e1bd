//! What every row demands in the end, and the table.

use std::collections::BTreeMap;
use std::fmt;

use shardscope_core::history::What;
use shardscope_core::kv::Kv;
use shardscope_core::linear::{self, Verdict};
use shardscope_core::time::Duration;

use super::lab::{Lab, demand};
use super::watch::Watch;
use super::{Fallible, Row};

/// A run must be over by then, in seconds of virtual time.
const LONGEST: u64 = 120;

/// Steps of the linearizability check, for all keys of a run.
const BUDGET: u64 = 2_000_000;

/// What a figure must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    AtMost(u64),
    AtLeast(u64),
    Exactly(u64),
    /// Between the two, and neither of them.
    Within(u64, u64),
}

impl Bound {
    pub(crate) const fn holds(self, seen: u64) -> bool {
        match self {
            Self::AtMost(bound) => seen <= bound,
            Self::AtLeast(bound) => seen >= bound,
            Self::Exactly(bound) => seen == bound,
            Self::Within(low, high) => low < seen && seen < high,
        }
    }

    /// Whether the first figure is nearer to breaking the bound.
    const fn is_worse(self, seen: u64, than: u64) -> bool {
        match self {
            Self::AtLeast(_) => seen < than,
            Self::AtMost(_) | Self::Within(..) => seen > than,
            Self::Exactly(_) => !self.holds(seen),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(bound) => write!(f, "{bound}"),
            Self::AtLeast(bound) => write!(f, ">= {bound}"),
            Self::Exactly(bound) => write!(f, "exactly {bound}"),
            Self::Within(low, high) => write!(f, "{low} < > {high}"),
        }
    }
}

/// A figure that has a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figure {
    /// What was measured, with its unit.
    pub(crate) what: &'static str,
    pub(crate) seen: u64,
    pub(crate) bound: Bound,
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    seed: u64,
    pub(crate) steps: u64,
    pub(crate) operations: u64,
    /// The virtual time that it took.
    lasted: Duration,
    /// The mean and the longest time from an operation's call to its return, in microseconds.
    mean: u64,
    longest: u64,
    /// What the linearizability check came to, and how many steps it took.
    verdict: Verdict,
    searched: u64,
    figures: Vec<Figure>,
    watch: Watch,
    pub(crate) digest: u64,
    failure: Option<String>,
}

/// Judges a run that was played.
pub(crate) fn judge(mut lab: Lab, played: Fallible) -> Outcome {
    let (searched, verdict, linear) = linearizable(&lab);
    let failure = played
        .and_then(|()| invariants(&lab))
        .and(linear)
        .and_then(|()| sizes(&mut lab))
        .and_then(|()| common(&mut lab));
    // A broken invariant is nearer to the cause than what clients saw of it.
    let failure = invariants(&lab).and(failure).err();
    let (mean, longest) = waits(&lab);
    Outcome {
        seed: lab.seed,
        steps: lab.world.steps(),
        operations: lab.operations,
        lasted: Duration::from_micros(lab.now().as_micros()),
        mean,
        longest,
        verdict,
        searched,
        figures: lab.figures,
        watch: lab.watch,
        digest: lab.world.digest(),
        failure,
    }
}

fn invariants(lab: &Lab) -> Fallible {
    let Some(violation) = lab.chronicle.observers.violations().first() else { return Ok(()) };
    let (id, step, at) = (violation.law.id(), violation.step, violation.at);
    Err(format!("{id} at step {step}, {at} s: {}", violation.words))
}

/// A definite verdict: what is undecided fails, and an order that was found is checked again by
/// what knows nothing of the search.
fn linearizable(lab: &Lab) -> (u64, Verdict, Fallible) {
    let findings = match linear::check(&lab.chronicle.history, BUDGET) {
        Ok(findings) => findings,
        Err(malformed) => return (0, Verdict::Undecided, Err(malformed.to_string())),
    };
    let steps = findings.iter().map(|key| key.finding.steps).sum();
    let verdict = linear::verdict(&findings);
    let calls: usize = findings.iter().map(|key| key.operations.len()).sum();
    for key in &findings {
        let explained = linear::explains(&Kv::default(), &key.operations, &key.finding.order);
        let claimed = key.finding.verdict == Verdict::Linearizable;
        if !claimed || !explained {
            let stuck = key.finding.stuck.map(|index| &key.operations[index]);
            let words = format!(
                "Key {} is {:?} after {} operations in order, {} steps; next came {stuck:?}.",
                key.key,
                key.finding.verdict,
                key.finding.order.len(),
                key.finding.steps,
            );
            return (steps, verdict, Err(words));
        }
    }
    let whole = demand(calls as u64 == lab.watch.calls, || {
        format!("The history has {calls} calls of {}.", lab.watch.calls)
    });
    (steps, verdict, whole)
}

/// Logs and snapshots stay small; without a limit there is no snapshot at all.
fn sizes(lab: &mut Lab) -> Fallible {
    let Watch { log, entry, stored, taken, snapshot, .. } = lab.watch;
    let Some(limit) = lab.row.limit else {
        let disks = lab.world.servers().filter_map(|node| node.durable());
        let kept = disks.filter(|disk| disk.snapshot.is_some()).count() as u64;
        return lab.at_most("snapshot B", snapshot + stored + kept, 0);
    };
    demand(taken > 0, || "No log was ever compacted.".into())?;
    lab.at_most("log B", log, 8 * limit.max(entry))
}

fn common(lab: &mut Lab) -> Fallible {
    let (seen, least) = (lab.operations, lab.row.least);
    demand(seen >= least, || format!("Only {seen} operations were done, not {least}."))?;
    let Watch { sent, lost, elected, .. } = lab.watch;
    demand(elected > 0, || "Nobody was ever elected.".into())?;
    let share = 100 * lost / sent.max(1);
    let loss = u64::from(lab.row.loss);
    let meant = loss / 2..=loss * 3 / 2;
    demand(meant.contains(&share) && (loss > 0 || lost == 0), || {
        format!("{lost} of {sent} messages were lost: {share} %, not {meant:?}.")
    })?;
    lab.at_most("time s", lab.now().as_micros().div_ceil(1_000_000), LONGEST)
}

/// The mean and the longest time from call to return, in microseconds.
pub(crate) fn waits(lab: &Lab) -> (u64, u64) {
    let (mut total, mut count, mut longest) = (0, 0, 0);
    let mut open = BTreeMap::new();
    for event in lab.chronicle.history.iter() {
        match event.what {
            What::Call(_) => {
                open.insert((event.client, event.serial), event.at);
            }
            What::Return { .. } => {
                if let Some(called) = open.remove(&(event.client, event.serial)) {
                    let took = event.at.since(called).as_micros();
                    (total, count, longest) = (total + took, count + 1, longest.max(took));
                }
            }
            What::Ask(_) => {}
        }
    }
    (total / u64::max(count, 1), longest)
}

/// What is demanded of a row's runs together, because chance may spare one of them: who was cut
/// off from a group that compacts its log comes back to a snapshot.
pub(crate) fn all_of(row: &Row, outcomes: &[Outcome]) -> Fallible {
    let cut = outcomes.iter().any(|outcome| outcome.watch.split > 0);
    let installed = outcomes.iter().any(|outcome| outcome.watch.installed > 0);
    demand(row.limit.is_none() || !cut || installed, || {
        format!("{}: nobody ever caught up through a snapshot.", row.name)
    })
}

/// The head of the table.
pub(crate) fn head() -> String {
    format!(
        "{:<64} {:<12} {:>10} {:>6} / {:<5} {:>6} {:>7}  figure / bound",
        "row", "verdict", "virtual", "done", "least", "ms", "at most"
    )
}

/// A row's line: the slowest run, the fewest operations, the largest figures.
pub(crate) fn line(row: &Row, outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let verdict = match failed {
        // There is nothing to order where only configurations were asked for.
        0 if outcomes.iter().all(|outcome| outcome.watch.calls == 0) => "lawful".to_owned(),
        0 => "linearizable".to_owned(),
        _ => format!("{failed} FAILED"),
    };
    let lasted = outcomes.iter().map(|outcome| outcome.lasted.as_micros()).max().unwrap_or(0);
    let fewest = outcomes.iter().map(|outcome| outcome.operations).min().unwrap_or(0);
    let mean = outcomes.iter().map(|outcome| outcome.mean).max().unwrap_or(0);
    let longest = outcomes.iter().map(|outcome| outcome.longest).max().unwrap_or(0);
    let mut figures: Vec<Figure> = Vec::new();
    for figure in outcomes.iter().flat_map(|outcome| &outcome.figures) {
        match figures.iter_mut().find(|known| known.what == figure.what) {
            Some(known) if figure.bound.is_worse(figure.seen, known.seen) => *known = *figure,
            Some(_) => {}
            None => figures.push(*figure),
        }
    }
    let figures: Vec<String> = figures
        .iter()
        .map(|Figure { what, seen, bound }| format!("{what} {seen} / {bound}"))
        .collect();
    format!(
        "{:<64} {verdict:<12} {:>6}.{} s {fewest:>6} / {:<5} {:>4}.{} {:>7}  {}",
        row.name,
        lasted / 1_000_000,
        lasted / 100_000 % 10,
        row.least,
        mean / 1_000,
        mean / 100 % 10,
        longest / 1_000,
        figures.join(", "),
    )
}

impl Outcome {
    /// A failure, with what is needed to see it again.
    pub(crate) fn tell(&self, row: &Row) -> Option<String> {
        let words = self.failure.as_ref()?;
        let (name, lab, seed) = (row.name, row.lab, self.seed);
        Some(format!("{name} ({lab}), seed {seed}: {words}\n    {:?}", self.watch))
    }
}
