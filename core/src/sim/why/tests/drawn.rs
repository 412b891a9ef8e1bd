//! What answers say of runs with drawn faults is looked up in the world by other formulas, and what
//! is said to be blocked stays so when nobody does anything.

use alloc::vec::Vec;

use super::super::commit::Missing;
use super::super::leader::Without;
use super::super::reach::{Hindered, Hindrance};
use super::super::shard::Gap;
use super::super::*;
use crate::id::Term;
use crate::protocol::Payload;
use crate::raft::Role;
use crate::sim::node::Node;
use crate::sim::report::Report;
use crate::sim::store::Durable;
use crate::sim::swarm::{self, Kept};
use crate::time::{Duration, Instant};

/// Seeds of one group at which something that was said to be blocked once came true by itself.
const ONCE_WRONG: [u64; 4] = [16, 82, 392, 1052];
/// The same of a sharded store.
const ONCE_WRONG_SHARDED: [u64; 9] = [17, 21, 61, 72, 112, 200, 213, 263, 560];

/// How often each kind of answer was looked at.
#[derive(Default, Debug)]
struct Tally {
    missing: u32,
    leaderless: u32,
    waits: u32,
    blocked: u32,
    apart: u32,
    stayed: u32,
}

/// Every question about a world that is worth asking.
fn questions(world: &World) -> Vec<Question> {
    let mut all = Vec::new();
    for group in world.scenario().groups() {
        all.push(Question::Leader { group });
        let ends = world.members(group).filter_map(Node::durable).map(|disk| disk.log.end().0);
        let end = ends.max().unwrap_or_default();
        all.extend(
            (end.saturating_sub(2)..end + 2)
                .map(|slot| Question::Commit { group, slot: Slot(slot) }),
        );
        let numbers = world.furthest(group).and_then(|own| own.machine().shards());
        let own = numbers.map_or(0, |own| own.config().number.0);
        all.extend(
            (own..own + 3)
                .map(|number| Question::Configuration { group, number: ConfigNumber(number) }),
        );
    }
    let shards = world.scenario().sharding.map_or(0, |sharding| sharding.shards);
    all.extend((0..shards).map(|shard| Question::Shard { shard: ShardId(shard) }));
    all.extend(world.scenario().client_ids().map(|client| Question::Request { client }));
    all
}

/// What is said of a server that does not count is so.
fn hindrance_holds(world: &World, one: &Hindered) -> bool {
    let Some(node) = world.node(one.id) else { return false };
    match one.by {
        Hindrance::Down { since } => {
            node.server().is_none() && since.is_none_or(|since| since <= world.now())
        }
        Hindrance::Paused { .. } => node.is_paused() && node.server().is_some(),
        Hindrance::LostDisk => node.durable().is_some_and(|disk| disk.lost),
        Hindrance::Unreachable { from, stop: Stop::Cut } => {
            world.cuts().any(|cut| cut == (from, one.id))
        }
        Hindrance::Unheard { to, stop: Stop::Cut } => world.cuts().any(|cut| cut == (one.id, to)),
        Hindrance::Unreachable { .. } | Hindrance::Unheard { .. } => !world.rules().is_empty(),
        Hindrance::VotedFor(other) => {
            node.server().is_some_and(|own| own.replica().hard_state().vote == Some(other))
        }
        _ => true,
    }
}

/// Fewer than a majority have the entry on disk under the leader's very words, of those who count
/// in its eyes; and nobody is left out.
fn missing_holds(world: &World, missing: &Missing) {
    let Missing { group, target, leader, quorum, acknowledged, .. } = missing;
    let members: Vec<NodeId> = world.scenario().members(*group).collect();
    assert_eq!(*quorum as usize, members.len() / 2 + 1);
    let named: NodeSet = missing.missing.iter().map(|one| one.id).collect();
    assert!(
        named.and(*acknowledged).is_empty()
            && named.len() + acknowledged.len() == members.len() as u32
    );
    assert!(acknowledged.len() < *quorum, "a majority has it: {missing:?}");
    for id in acknowledged.iter().filter(|id| id != leader) {
        let disk = world.node(id).and_then(Node::durable).expect("it is a server");
        assert!(disk.lost || disk.log.end() >= target.slot, "{id} never had it: {missing:?}");
    }
    let own = world.node(*leader).and_then(Node::server).expect("the leader runs");
    assert!(matches!(own.replica().role(), Role::Leader(_)));
    assert_eq!(own.replica().log().term_at(target.slot), Some(own.replica().hard_state().term));
    for one in &missing.missing {
        assert!(hindrance_holds(world, one), "{one:?}");
        if one.by == Hindrance::Acknowledges {
            let disk = world.node(one.id).and_then(Node::durable).expect("it is a server");
            assert!(disk.log.end() >= target.slot || disk.lost, "{one:?} {missing:?}");
        }
    }
}

/// Whoever is missing is, and those who are left are too few to be led.
fn leaderless_holds(world: &World, answer: &Leadership, without: &Without) {
    assert!(without.missing.iter().all(|one| hindrance_holds(world, one)), "{without:?}");
    let members = world.scenario().members(without.group);
    if let Leadership::TooFew(_) = answer {
        let left = members.filter(|id| {
            let node = world.node(*id).expect("it is a server");
            let lost = node.durable().is_some_and(|disk| disk.lost);
            !node.is_down() && !node.is_paused() && !lost
        });
        let left = left.count() as u32;
        assert!(left < without.quorum, "{left} are left: {without:?}");
        assert_eq!(
            left + without.missing.len() as u32,
            world.members(without.group).count() as u32
        );
    }
}

fn look(world: &World, answer: &Answer, tally: &mut Tally) {
    match answer {
        Answer::Commit(Commit::Missing(missing)) => {
            tally.missing += 1;
            missing_holds(world, missing);
        }
        Answer::Leader(
            leader @ (Leadership::TooFew(without)
            | Leadership::Apart { without, .. }
            | Leadership::Outdated { without, .. }
            | Leadership::Election { without, .. }),
        ) => {
            tally.leaderless += 1;
            leaderless_holds(world, leader, without);
        }
        Answer::Request(request) if request.status() != Status::So => tally.waits += 1,
        _ => {}
    }
    let words = answer.words(world.scenario());
    assert!(words.ends_with('.') && !words.contains("..") && !words.contains("  "), "{words}");
}

/// Up to where the log of a group is committed, as anybody knows.
fn committed(world: &World, chronicle: &Chronicle, group: Gid) -> Slot {
    let replicas = world.members(group).filter_map(Node::server).map(|own| own.replica());
    let known = replicas.map(|own| own.commit()).max().unwrap_or_default();
    known.max(chronicle.observers.committed_in(group))
}

/// Up to where the log goes of whoever is in office in a group, and in which term.
fn in_office(world: &World, group: Gid) -> Option<(Term, Slot)> {
    let own = |node: &Node| {
        let replica = node.server()?.replica();
        let leads = matches!(replica.role(), Role::Leader(_));
        leads.then(|| (replica.hard_state().term, replica.log().end()))
    };
    world.members(group).filter_map(own).max()
}

/// Whether what was asked about has become so since an earlier moment. Whoever is led commits
/// something, if only the entry that opens a term; what whoever is in office had in its log by then
/// says nothing, as those who acknowledged it may be down since.
fn happened(
    (before, earlier): (&World, &Chronicle),
    (world, chronicle): (&World, &Chronicle),
    question: Question,
) -> bool {
    match question {
        Question::Leader { group } => {
            let now = committed(world, chronicle, group);
            let known = in_office(before, group).is_some_and(|(term, end)| {
                let has = |disk: &Durable| now <= end && disk.log.term_at(now) == Some(term);
                world.members(group).filter_map(Node::durable).any(has)
            });
            now > committed(before, earlier, group) && !known
        }
        Question::Commit { group, slot } => committed(world, chronicle, group) >= slot,
        Question::Configuration { group, number } => {
            let own = world.furthest(group).and_then(|own| own.machine().shards());
            own.is_some_and(|own| own.config().number >= number)
        }
        Question::Shard { shard } => {
            let calls = |world: &World, group| {
                let own = world.furthest(group).and_then(|own| own.machine().shards());
                own.is_some_and(|own| own.serves(shard))
            };
            let groups = || world.scenario().groups();
            groups().any(|group| {
                let led = committed(world, chronicle, group) > committed(before, earlier, group);
                calls(world, group) && led
            })
        }
        Question::Request { client } => {
            let answered = |world: &World| {
                world.node(client).and_then(Node::client).map(|client| client.answered())
            };
            answered(world) > answered(before)
        }
        Question::Handover { .. } => false,
    }
}

/// Whether a client's last call was answered by a group since a moment.
fn answered_by(world: &World, group: Gid, since: Instant) -> bool {
    let last = |node: &Node| node.client()?.last()?.returned.clone();
    world.nodes().iter().filter_map(last).any(|(at, by, reply)| {
        at > since && reply.is_some() && world.scenario().group_of(by) == Some(group)
    })
}

/// Plays a run again, and looks at it now and then.
fn replay(kept: &Kept, every: u64, tally: &mut Tally) {
    let mut world = World::new(kept.world.scenario().clone());
    let (mut chronicle, mut report) = (Chronicle::default(), Report::default());
    let mut acts = kept.acts.iter().peekable();
    while world.steps() < kept.outcome.steps.min(12_000) {
        match acts.next_if(|acted| acted.step == world.steps() + 1) {
            Some(acted) => world.act(acted.at, &acted.action, &mut report).expect("it was done"),
            None => assert!(world.step(&mut report), "the run went on"),
        }
        chronicle.record(&world, &report);
        if world.steps().is_multiple_of(every) {
            let all = questions(&world);
            for question in &all {
                look(&world, &ask(&world, &chronicle, *question), tally);
            }
            if world.steps().is_multiple_of(every * 8) {
                stays(&world, &chronicle, &all, tally);
            }
        }
    }
}

/// What is blocked is still so, three seconds later in which nobody does anything.
fn stays(world: &World, chronicle: &Chronicle, all: &[Question], tally: &mut Tally) {
    let explained = |question: &Question| {
        let explanation = explain(world, chronicle, *question);
        (explanation.status() == Status::Blocked).then_some((*question, explanation))
    };
    let blocked: Vec<(Question, Explanation)> = all.iter().filter_map(explained).collect();
    tally.blocked += blocked.len() as u32;
    let (mut later, mut seen) = (world.clone(), chronicle.clone());
    let (mut report, until) = (Report::default(), world.now() + Duration::from_secs(3));
    while later.step_until(until, &mut report) {
        seen.record(&later, &report);
    }
    for (question, explanation) in blocked {
        let words = explanation.words(world.scenario());
        let apart = explanation.steps.iter().find_map(|(_, answer)| match answer {
            Answer::Shard(Shard { gap: Gap::Apart { group }, .. }) => Some(*group),
            _ => None,
        });
        tally.apart += u32::from(apart.is_some());
        let so = match apart {
            Some(group) => answered_by(&later, group, world.now()),
            None => happened((world, chronicle), (&later, &seen), question),
        };
        assert!(
            !so,
            "seed {}, step {}: {question:?} has come true by itself: {words}\n{:?}\n{:?}",
            world.scenario().seed,
            world.steps(),
            explanation,
            explain(&later, &seen, question),
        );
        tally.stayed += 1;
    }
}

/// An entry is a command or a no-op: the world has both, or nothing was looked at.
fn is_busy(world: &World) -> bool {
    world.members(Gid(0)).filter_map(Node::durable).any(|disk| {
        disk.log.from(Slot(0)).any(|(_, entry)| matches!(entry.payload, Payload::Command(_)))
            || disk.log.base().slot > Slot(0)
    })
}

#[test]
fn what_is_said_of_drawn_runs_of_one_group_is_so_and_stays_so() {
    let mut tally = Tally::default();
    for seed in (0..16).chain(ONCE_WRONG) {
        let kept = swarm::run_recorded(seed, |_| {});
        assert!(is_busy(&kept.world));
        replay(&kept, 37, &mut tally);
    }
    assert!(tally.missing > 500 && tally.leaderless > 500 && tally.waits > 500, "{tally:?}");
    assert!(tally.blocked > 100 && tally.stayed == tally.blocked, "{tally:?}");
}

#[test]
fn what_is_said_of_drawn_runs_of_a_sharded_store_is_so_and_stays_so() {
    let mut tally = Tally::default();
    for seed in (0..8).chain(ONCE_WRONG_SHARDED) {
        let kept = swarm::run_sharded_recorded(seed, |_| {});
        assert!(is_busy(&kept.world));
        replay(&kept, 101, &mut tally);
    }
    assert!(tally.missing > 50 && tally.leaderless > 500 && tally.waits > 500, "{tally:?}");
    assert!(tally.apart > 0, "{tally:?}");
    assert!(tally.blocked > 300 && tally.stayed == tally.blocked, "{tally:?}");
}
