//! Decisions of the controller and of the sharded groups, taken wrongly: a swarm of sharded
//! clusters catches each by the law that it breaks. With the correct decisions, the same seeds find
//! nothing: that is what the swarm's own test says.

use shardscope_core::id::MutantId;
use shardscope_core::sim::invariants::Law;
use shardscope_core::sim::swarm::{self, Reason};

use crate::tier;

/// Which mutant breaks what, and within how many seeds that is seen. The others are seldom
/// seen: K13 after 33 seeds, K7 after 69, and K11 never, for no balance exchanges shards. They have
/// their scripts.
const BROKEN: [(MutantId, Reason, u64); 14] = [
    (MutantId::C1, Reason::Law(Law::EqualConfigs), 8),
    (MutantId::C2, Reason::Law(Law::FewestMoves), 8),
    (MutantId::C3, Reason::Law(Law::OwnersExist), 8),
    (MutantId::K1, Reason::Law(Law::SessionsTravel), 8),
    (MutantId::K2, Reason::Law(Law::OneByOne), 8),
    (MutantId::K3, Reason::Law(Law::OneByOne), 8),
    (MutantId::K4, Reason::Law(Law::OneServer), 16),
    (MutantId::K5, Reason::Law(Law::DataFirst), 8),
    (MutantId::K6, Reason::Law(Law::DeleteLast), 8),
    (MutantId::K8, Reason::Law(Law::InstallOnce), 40),
    (MutantId::K9, Reason::Law(Law::NoMutualWait), 8),
    (MutantId::K10, Reason::Unsettled, 40),
    (MutantId::K12, Reason::Law(Law::OthersGoOn), 40),
    (MutantId::K14, Reason::Law(Law::RefusalsPass), 8),
];

/// So many seeds at once.
const BATCH: u64 = 4;

#[test]
fn random_faults_catch_the_mutants_of_a_sharded_store() {
    let mut missed = Vec::new();
    for (mutant, broken, seeds) in BROKEN {
        let caught = (0..seeds).step_by(BATCH as usize).find_map(|first| {
            let run = |seed| {
                swarm::run_sharded_recorded(seed, |scenario| scenario.mutant = mutant).outcome
            };
            let outcomes = tier::parallel(first..first + BATCH, run);
            outcomes.into_iter().find(|outcome| outcome.reason == Some(broken))
        });
        match caught.and_then(|outcome| Some((outcome.seed, outcome.failure?))) {
            Some((seed, sentence)) => println!("{mutant} at seed {seed}: {sentence}"),
            None => missed.push(mutant),
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
