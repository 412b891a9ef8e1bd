//! Runs with drawn faults: safety after every step, progress after healing.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use shardscope_core::history::What;
use shardscope_core::id::MutantId;
use shardscope_core::kv::{Command, Reply};
use shardscope_core::sim::script::{Player, Script};
use shardscope_core::sim::swarm::coverage::Sometimes;
use shardscope_core::sim::swarm::{self, Kept, Outcome};

use crate::tier;

/// A failure is told with its seed and the shortest script that was found to fail likewise.
fn tell(kept: &Kept) -> Option<String> {
    let (seed, failure) = (kept.outcome.seed, kept.outcome.failure.as_ref()?);
    let script = match swarm::shrink(kept, swarm::BUDGET) {
        Ok(shrunk) => shrunk.script.to_string(),
        Err(why) => format!("{why} The end of its trace:\n{}", end_of_trace(kept)),
    };
    Some(format!("seed {seed}: {failure}\n{script}"))
}

fn end_of_trace(kept: &Kept) -> String {
    let trace = &kept.chronicle.trace;
    let lines = trace.range(trace.end().saturating_sub(40)..trace.end());
    let lines: Vec<String> = lines.map(|line| line.text(kept.world.scenario())).collect();
    lines.join("\n")
}

/// More failures than this are counted only: one is enough to begin with.
const TOLD: usize = 3;

#[test]
fn a_failure_is_told_with_its_seed_and_a_script() {
    let told = |seed, mutant| tell(&swarm::run_recorded(seed, |run| run.mutant = mutant));
    assert_eq!(told(0, MutantId::Paper), None);
    let text = told(0, MutantId::R17).expect("its first seed fails");
    let (sentence, script) = text.split_once('\n').expect("a sentence, then a script");
    assert!(sentence.starts_with("seed 0: RI-10 at step "), "{text}");
    let player = Player::play(Script::parse(script).expect("what is printed is a script"));
    assert_eq!(player.failure().map(ToString::to_string), None, "{text}");
}

/// How often each kind of fault happened in all runs.
fn told_faults(outcomes: &[Outcome]) -> BTreeMap<&'static str, u64> {
    let mut faults = BTreeMap::new();
    for (name, times) in outcomes.iter().flat_map(|outcome| &outcome.faults) {
        *faults.entry(*name).or_default() += u64::from(*times);
    }
    faults
}

/// In how many runs each of some states was met, the rarest first.
fn told_states(outcomes: &[Outcome], of: fn(Sometimes) -> bool) -> Vec<(u64, &'static str)> {
    let states = Sometimes::ALL.iter().filter(|(state, _)| of(*state));
    let count = |(state, words): &(Sometimes, &'static str)| {
        let runs = outcomes.iter().filter(|outcome| outcome.coverage.has(*state));
        (runs.count() as u64, *words)
    };
    let mut met: Vec<(u64, &str)> = states.map(count).collect();
    met.sort_unstable();
    met
}

fn print_met(seeds: u64, met: &[(u64, &str)]) {
    println!("  met in so many of {seeds} runs:");
    for (runs, words) in met {
        println!("  {runs:>7} {words}");
    }
}

/// The first has 50 configurations to come to, and no server of the controller knew of one at the
/// healing; in the others a log is 2,000 slots behind or more.
#[test]
fn a_cluster_that_gets_on_has_the_time_that_it_takes() {
    let seeds = [59_814, 46_226, 76_334];
    let failures = tier::parallel(0..3, |index| swarm::run_sharded(seeds[index as usize]).failure);
    assert_eq!(failures, [None, None, None]);
}

#[test]
fn at_least_sixty_states_are_worth_having_met() {
    let sharded = Sometimes::ALL.iter().filter(|(state, _)| state.is_sharded()).count();
    assert!(Sometimes::ALL.len() >= 60 && sharded >= 25, "{sharded} of {}", Sometimes::ALL.len());
    let words: std::collections::BTreeSet<&str> =
        Sometimes::ALL.iter().map(|(_, words)| *words).collect();
    assert_eq!(words.len(), Sometimes::ALL.len(), "each says something else");
}

#[test]
fn swarm() {
    let seeds = tier::count(500, 5_000);
    let outcomes = tier::parallel(0..seeds, swarm::run);
    let failed = || outcomes.iter().filter(|outcome| outcome.failure.is_some());
    let again = |outcome: &Outcome| swarm::run_recorded(outcome.seed, |_| {});
    let told: Vec<String> = failed().take(TOLD).map(again).filter_map(|kept| tell(&kept)).collect();
    assert!(told.is_empty(), "{} seeds failed\n{}", failed().count(), told.join("\n\n"));
    for outcome in &outcomes {
        let Outcome { seed, steps, acknowledged, .. } = outcome;
        assert!(*steps >= 20_000, "seed {seed} has only {steps} steps");
        assert!(*acknowledged >= 200, "seed {seed} has only {acknowledged} operations");
    }
    let small = outcomes.iter().filter(|outcome| outcome.servers == 3).count() as u64;
    assert!(small * 10 >= seeds * 6, "only {small} of {seeds} runs have three servers");
    let faults = told_faults(&outcomes);
    assert!(faults.len() >= 16 && faults.values().all(|times| *times > 0), "{faults:?}");
    let met = told_states(&outcomes, |state| !state.is_sharded());
    assert!(met.len() >= 45 && met[0].0 > 0, "no run met this: {met:?}");
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    println!(
        "{seeds} seeds: {} steps, {} operations, {} entries committed, no failure",
        sum(|outcome| outcome.steps),
        sum(|outcome| outcome.acknowledged),
        sum(|outcome| outcome.committed),
    );
    for (name, times) in faults {
        println!("  {times:>7} x {name}");
    }
    print_met(seeds, &met);
}

#[test]
fn swarm_of_sharded_clusters() {
    let seeds = tier::count(200, 2_000);
    let outcomes = tier::parallel(0..seeds, swarm::run_sharded);
    let failed = || outcomes.iter().filter(|outcome| outcome.failure.is_some());
    let again = |outcome: &Outcome| swarm::run_sharded_recorded(outcome.seed, |_| {});
    let told: Vec<String> = failed().take(TOLD).map(again).filter_map(|kept| tell(&kept)).collect();
    assert!(told.is_empty(), "{} seeds failed\n{}", failed().count(), told.join("\n\n"));
    for outcome in &outcomes {
        let Outcome { seed, steps, acknowledged, .. } = outcome;
        assert!(*steps >= 60_000, "seed {seed} has only {steps} steps");
        assert!(*acknowledged >= 200, "seed {seed} has only {acknowledged} operations");
    }
    let faults = told_faults(&outcomes);
    assert!(faults.len() >= 31 && faults.values().all(|times| *times >= seeds), "{faults:?}");
    let met = told_states(&outcomes, Sometimes::is_sharded);
    assert!(met[0].0 > 0, "no run met this: {met:?}");
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    let (made, moved) = (sum(|run| run.configurations), sum(|run| run.handed_over));
    println!(
        "{seeds} seeds of sharded clusters: {} steps, {} operations, {} entries committed, {made} \
         configurations, {moved} shards handed over, no failure",
        sum(|outcome| outcome.steps),
        sum(|outcome| outcome.acknowledged),
        sum(|outcome| outcome.committed),
    );
    for (name, times) in faults {
        println!("  {times:>7} x {name}");
    }
    print_met(seeds, &met);
    assert!(
        made >= seeds * 20 && moved >= seeds * 40,
        "{made} configurations, {moved} shards moved"
    );
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let seeds = tier::count(20, 1_000);
    for run in [swarm::run, swarm::run_sharded] {
        let one = tier::parallel(0..seeds, run);
        let two = tier::parallel(0..seeds, run);
        assert_eq!(one, two);
        let digests: std::collections::BTreeSet<u64> = one.iter().map(|run| run.digest).collect();
        assert_eq!(digests.len() as u64, seeds, "every seed is a run of its own");
    }
}

/// The kind of an operation, and whether it did what it says.
fn kind(command: &Command, reply: &Reply) -> (&'static str, bool) {
    let name = match command {
        Command::Get { .. } => "get",
        Command::Put { .. } => "put",
        Command::Append { .. } => "append",
        Command::Delete { .. } => "delete",
        Command::Cas { .. } => "cas",
        Command::PutAt { .. } => "put-at",
        Command::PutHash { .. } => "put-hash",
    };
    (name, !matches!(reply, Reply::Differs { .. } | Reply::WrongVersion { .. }))
}

#[test]
fn a_swarm_draws_every_operation_and_meets_every_condition() {
    let runs = tier::parallel(0..tier::count(20, 200), |seed| {
        let mut kinds = BTreeMap::new();
        let mut open = BTreeMap::new();
        for event in swarm::run_kept(seed).2.history.iter() {
            match &event.what {
                What::Call(command) => _ = open.insert(event.client, command.clone()),
                What::Return { reply: Some(reply), .. } => {
                    let command = &open[&event.client];
                    *kinds.entry(kind(command, reply)).or_insert(0_u64) += 1;
                }
                What::Return { .. } | What::Ask(_) => {}
            }
        }
        kinds
    });
    let mut kinds: BTreeMap<(&str, bool), u64> = BTreeMap::new();
    for (kind, count) in runs.into_iter().flatten() {
        *kinds.entry(kind).or_default() += count;
    }
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 9, "seven kinds, two of them with two ends: {kinds:?}");
    assert!(kinds.values().all(|count| *count >= 20), "{kinds:?}");
}

/// So many digests are pinned, and so many of sharded clusters.
const PINNED: u64 = 20;
const PINNED_SHARDED: u64 = 10;

/// Runs are the same from one version to the next, unless somebody meant to change them: then
/// `UPDATE=1` writes the file anew.
#[test]
fn the_pinned_digests_still_hold() {
    type Files = [(&'static str, u64, fn(u64) -> Outcome); 2];
    let files: Files = [
        ("digests.txt", PINNED, swarm::run),
        ("digests-sharded.txt", PINNED_SHARDED, swarm::run_sharded),
    ];
    for (name, count, run) in files {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let now: String = tier::parallel(0..count, run)
            .iter()
            .map(|outcome| format!("{:>2} {:016x}\n", outcome.seed, outcome.digest))
            .collect();
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, &now).expect("the folder of the tests can be written to");
        }
        let kept = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(kept == now, "{name} has changed: if that was meant, UPDATE=1 keeps what is new");
    }
}
