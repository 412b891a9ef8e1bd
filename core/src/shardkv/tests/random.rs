//! Drawn runs: whatever happens, what must hold between groups does, and in the end all is well.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use super::super::Routing;
use super::lab::{Faults, Lab, Plan, hand, join, key, leave};
use crate::id::MutantId;
use crate::linear;
use crate::rng::{Ppm, Rng};
use crate::time::Duration;

/// Steps of the search for an order, for one run.
const BUDGET: u64 = 200_000;

fn plan(seed: u64, mutant: MutantId, lane: &mut Rng) -> Plan {
    let mut plan = Plan::of(seed);
    plan.mutant = mutant;
    plan.groups = 2 + lane.below(3) as u16;
    // The first one changes the configuration, and nothing else holds it up.
    plan.clients = 3 + lane.below(3);
    plan.settings.shards = 1 + lane.below(5) as u16;
    plan.settings.sessions = if lane.chance(Ppm::percent(20)) { 1 } else { 64 };
    plan.settings.piece_limit = match lane.below(4) {
        0 => Some(1),
        1 => Some(80),
        _ => None,
    };
    if lane.chance(Ppm::percent(50)) {
        plan.settings.routing = Routing::Fnv;
    }
    plan
}

fn some(lane: &mut Rng, groups: u16) -> Vec<u16> {
    let drawn = (1..=groups).filter(|_| lane.chance(Ppm::percent(40))).collect::<Vec<_>>();
    if drawn.is_empty() { [1 + lane.below(groups.into()) as u16].into() } else { drawn }
}

/// An operation that nobody else makes.
fn operation(lane: &mut Rng, number: u64) -> super::super::clerk::Operation {
    let added = ["a", "b", "c"][lane.below(3) as usize];
    let set = ["x", "y"][lane.below(2) as usize];
    key(&match lane.below(10) {
        0..5 => format!("append {added} ({number})"),
        5..7 => format!("get {added}"),
        7 => format!("put {set} {number}"),
        8 => format!("put-hash {set} {number}"),
        _ => format!("get {set}"),
    })
}

/// Plays a run to its end and judges it.
pub(super) fn play(seed: u64, mutant: MutantId) -> Lab {
    let mut lane = Rng::keyed(&[seed, 9]);
    let plan = plan(seed, mutant, &mut lane);
    // Shards go where no controller would send them: to and fro in one configuration, too.
    let wild = lane.chance(Ppm::percent(50));
    let (groups, clients) = (u64::from(plan.groups), plan.clients);
    let mut lab = Lab::new(plan);
    let mut chance = |most| Ppm::percent(lane.below(most) as u32);
    lab.faults = Faults { drop: chance(12), twice: chance(20), slow: chance(20), lost: chance(12) };
    lab.ask(0, join(&some(&mut lane, plan.groups)));
    for round in 0..8 + lane.below(24) {
        let group = lane.below(groups) as usize;
        match lane.below(12) {
            0..3 if wild => {
                let mut owner = || lane.below(groups + 1) as u16;
                let owners: Vec<u16> = (0..plan.settings.shards).map(|_| owner()).collect();
                lab.decree(&owners);
            }
            0..2 => lab.ask(0, join(&some(&mut lane, plan.groups))),
            2 => lab.ask(0, leave(&some(&mut lane, plan.groups))),
            3..5 => {
                let shard = lane.below(plan.settings.shards.into()) as u16;
                lab.ask(0, hand(shard, 1 + group as u16));
            }
            5 => lab.depose(group),
            6 => lab.restart(group),
            7 => lab.set_up(group, false),
            8 => lab.set_up(group, true),
            _ => {}
        }
        for client in 1..clients {
            if lane.chance(Ppm::percent(60)) {
                lab.ask(client as usize, operation(&mut lane, round * clients + client));
            }
        }
        lab.run(Duration::from_millis(lane.below(120)));
    }
    if wild {
        lab.decree(&alloc::vec![1; usize::from(plan.settings.shards)]);
    }
    lab.ask(0, join(&(1..=plan.groups).collect::<Vec<_>>()));
    lab.ask(0, join(&[1]));
    if lab.settle() {
        lab.watch.quiet(&lab.groups);
    } else {
        lab.watch.stuck(&lab.groups);
    }
    let findings = linear::check(&lab.history, BUDGET).expect("clients tell a proper history");
    if linear::verdict(&findings) == linear::Verdict::Illegal {
        lab.watch.violated("history", "no order explains what clients saw".into());
    }
    lab
}

#[test]
fn whatever_happens_the_groups_keep_what_they_promise() {
    let mut met: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in 0..3_000 {
        let lab = play(seed, MutantId::Paper);
        assert!(lab.watch.violations.is_empty(), "seed {seed}: {:?}", lab.watch.violations);
        for (what, times) in lab.watch.met {
            *met.entry(what).or_default() += times;
        }
    }
    for what in [
        "a shard that froze",
        "a shard that moved",
        "a shard that was parked",
        "a shard that came back",
        "a repeat that was not executed",
        "a refusal in the log",
        "a piece that was there",
        "a late deletion",
        "an expired session",
    ] {
        assert!(met.get(what).is_some_and(|times| *times >= 20), "{what}: {met:?}");
    }
}
