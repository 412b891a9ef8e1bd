//! What a seed draws, and what became of it.

use shardscope_core::history::Record;
use shardscope_core::id::MutantId;
use shardscope_core::models::{Judge, Model, Verdict};
use shardscope_core::rng::Ppm;
use shardscope_core::sim::swarm::{self, Kept, Reason};
use shardscope_core::sim::{Mix, Scenario};

use super::ledger::Line;
use crate::args::Profile;

/// Steps under each consistency model.
const BUDGET: u64 = 1 << 24;

/// Every operation, on eight keys, and logs that are compacted often. With fewer keys, calls of
/// which nobody knows the outcome pile up on each, and models are seldom decided within the budget.
fn busy(scenario: &mut Scenario) {
    scenario.workload.keys = 8;
    scenario.workload.hot = Ppm::NEVER;
    scenario.workload.mix =
        Mix { get: 4, put: 2, append: 2, delete: 1, cas: 2, put_at: 1, put_hash: 1 };
    scenario.snapshot_above = Some(600);
}

/// The run of a seed.
pub(crate) fn draw(profile: Profile, seed: u64, mutant: Option<MutantId>) -> Kept {
    let adapt = |scenario: &mut Scenario| {
        if profile == Profile::Kv {
            busy(scenario);
        }
        scenario.mutant = mutant.unwrap_or(scenario.mutant);
    };
    match profile {
        Profile::Raft | Profile::Kv => swarm::run_recorded(seed, adapt),
        Profile::Shard => swarm::run_sharded_recorded(seed, adapt),
    }
}

/// The run of a seed, judged.
pub(super) fn judged(profile: Profile, seed: u64, mutant: Option<MutantId>) -> Line {
    let kept = draw(profile, seed, mutant);
    let is_undecided = kept.outcome.reason == Some(Reason::Undecided);
    let mut line = Line {
        seed,
        digest: format!("{:016x}", kept.outcome.digest),
        steps: kept.outcome.steps,
        operations: kept.outcome.acknowledged,
        committed: kept.outcome.committed,
        faults: kept.outcome.faults.iter().map(|(_, count)| *count).collect(),
        met: format!("{:x}", kept.outcome.coverage.bits()),
        violated: kept.outcome.failure.clone().filter(|_| !is_undecided),
        undecided: kept.outcome.failure.clone().filter(|_| is_undecided),
    };
    if profile == Profile::Kv && kept.outcome.failure.is_none() {
        model(&kept, &mut line);
    }
    line
}

/// A correct store is linearizable, so it satisfies what is weaker as well.
fn model(kept: &Kept, line: &mut Line) {
    let record = Record::of(&kept.chronicle.history);
    let mut judge = Judge::new(&record, BUDGET);
    for model in Model::ALL {
        let finding = judge.finding(model);
        let words = format!("{model}: {}", finding.words);
        match finding.verdict {
            Verdict::Holds => {}
            Verdict::Violated => line.violated = line.violated.take().or(Some(words)),
            Verdict::Undecided | Verdict::Untold => {
                line.undecided = line.undecided.take().or(Some(words));
            }
        }
    }
}
