//! How long a blind search takes: the swarm's random faults, with one decision taken wrongly.

use std::collections::{BTreeMap, HashSet};

use shardscope_core::history::{History, What};
use shardscope_core::id::{MutantId, NodeId, Serial};
use shardscope_core::kv::{Command, Reply};
use shardscope_core::mutant::{self, Mutant};
use shardscope_core::sim::{Mix, swarm};

use super::table;
use crate::tier;

/// Caught within a few seeds, whatever the faults: these are searched for in the ordinary tier too.
const EASY: [MutantId; 4] = [MutantId::R7, MutantId::R14, MutantId::R22, MutantId::R47];
/// So many seeds at once.
const BATCH: u64 = 4;

/// What a seed's run says against the decisions; none: nothing.
fn accuse(seed: u64, mutant: MutantId) -> Option<String> {
    if mutant >= MutantId::C1 {
        let kept = swarm::run_sharded_recorded(seed, |scenario| scenario.mutant = mutant);
        return kept.outcome.failure;
    }
    let (outcome, _, chronicle) = swarm::run_adapted(seed, |scenario| {
        // Small groups, short appends, and calls of which each leaves a trace.
        scenario.servers = if mutant == MutantId::R5 { 5 } else { 3 };
        scenario.raft.append_max = 1;
        let Mix { get, append, .. } = scenario.workload.mix;
        let (get, append) = (get.max(1), append.max(1));
        scenario.workload.mix =
            Mix { get, append, put: 0, delete: 0, cas: 0, put_at: 0, put_hash: 0 };
        scenario.mutant = mutant;
    });
    outcome.failure.or_else(|| stale_read(&chronicle.history))
}

/// A read that lacks an append which was acknowledged before the read was called. Values only ever
/// grow.
fn stale_read(history: &History) -> Option<String> {
    let mut appended: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut open: BTreeMap<(NodeId, Serial), (&Command, usize)> = BTreeMap::new();
    for event in history.iter() {
        let key = (event.client, event.serial);
        match &event.what {
            What::Call(command) => {
                let before = appended.get(&**command.key()).map_or(0, Vec::len);
                open.insert(key, (command, before));
            }
            What::Return { reply: Some(reply), .. } => match (open.remove(&key), reply) {
                (Some((Command::Append { key, value }, _)), Reply::Written { .. }) => {
                    appended.entry(key.to_string()).or_default().push(value.to_string());
                }
                (Some((Command::Get { key }, before)), Reply::Value(seen)) => {
                    let known = appended.get(&**key).map_or(&[][..], |known| &known[..before]);
                    let there: HashSet<&str> = tokens(seen).collect();
                    if let Some(value) = known.iter().find(|value| !there.contains(&***value)) {
                        return Some(format!("history: a read of {key} lacks {value}: {seen}"));
                    }
                }
                _ => {}
            },
            What::Ask(_) | What::Return { .. } => {}
        }
    }
    None
}

/// What was appended, one after another: each token is digits, then letters.
fn tokens(seen: &str) -> impl Iterator<Item = &str> {
    let mut rest = seen;
    std::iter::from_fn(move || {
        let letters = rest.find(|c: char| c.is_ascii_lowercase())?;
        let after = rest[letters..].find(|c: char| !c.is_ascii_lowercase());
        let (token, behind) = rest.split_at(after.map_or(rest.len(), |after| letters + after));
        rest = behind;
        Some(token)
    })
}

/// The first seed that catches a mutant, and what it says; none of so many.
fn search(mutant: &Mutant, seeds: u64) -> Option<(u64, String)> {
    (0..seeds).step_by(BATCH as usize).find_map(|first| {
        let batch = first..(first + BATCH).min(seeds);
        let said = tier::parallel(batch.clone(), |seed| accuse(seed, mutant.id));
        batch.zip(said).find_map(|(seed, words)| Some((seed, words?)))
    })
}

#[test]
fn random_faults_catch_most_mutants_blind() {
    let seeds = tier::count(20, 2_000);
    let deep = tier::count(0, 1) == 1;
    let mut blind = BTreeMap::new();
    let mut missed = Vec::new();
    for known in mutant::ALL.iter().filter(|known| deep || EASY.contains(&known.id)) {
        // A run of a whole cluster takes ten times as long.
        let seeds = if known.id >= MutantId::C1 { seeds / 10 } else { seeds };
        let cell = match search(known, seeds) {
            Some((seed, words)) => {
                println!("{} after {} seeds: {words}", known.id, seed + 1);
                (seed + 1).to_string()
            }
            None => {
                missed.push(known.id);
                format!("not in {seeds}")
            }
        };
        blind.insert(known.id, cell);
    }
    table::hold(&blind);
    assert!(missed.iter().all(|id| !EASY.contains(id)), "missed: {missed:?}");
    assert!(missed.len() * 2 <= mutant::ALL.len(), "missed: {missed:?}");
}

#[test]
fn the_correct_decisions_are_never_accused() {
    let seeds = tier::count(20, 200);
    let said = tier::parallel(0..seeds, |seed| accuse(seed, MutantId::Paper));
    let wrong: Vec<_> = (0..).zip(said).filter_map(|(seed, said)| Some((seed, said?))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_was_appended_falls_into_tokens() {
    let all: Vec<&str> = tokens("1a2bc13d").collect();
    assert_eq!(all, ["1a", "2bc", "13d"]);
}
