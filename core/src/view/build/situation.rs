//! What holds for a group as a whole.

use crate::id::{Gid, NodeId, NodeSet, Term};
use crate::raft::Role;
use crate::sim::{Node, World};
use crate::view::Situation;

pub(super) fn situation(world: &World, gid: Gid) -> Situation {
    let quorum = world.scenario().quorum_of(gid);
    let mut leaders: Option<(Term, NodeId)> = None;
    let mut rival = None;
    // Who really stands comes before whoever only asks.
    let mut candidate: Option<(bool, Term, NodeId, u32)> = None;
    for node in world.members(gid) {
        let Some(server) = node.server() else { continue };
        let (term, id) = (server.replica().hard_state().term, node.id());
        match server.replica().role() {
            Role::Leader(_) => {
                let (highest, other) = match leaders {
                    Some(best) if best.0 > term => (best, Some(id)),
                    Some(best) => ((term, id), Some(best.1)),
                    None => ((term, id), None),
                };
                leaders = Some(highest);
                rival = other.or(rival);
            }
            Role::Candidate { votes, .. } => {
                candidate = candidate.max(Some((true, term, id, votes.len())));
            }
            Role::PreCandidate { votes, .. } => {
                candidate = candidate.max(Some((false, term.next(), id, votes.len())));
            }
            Role::Follower { .. } => {}
        }
    }
    let reach = leaders.map_or(0, |(_, leader)| within_reach(world, gid, leader));
    match (leaders, candidate) {
        (Some((term, leader)), _) if reach >= quorum => Situation::Led { leader, term, rival },
        (_, Some((stands, term, candidate, votes))) => {
            Situation::Election { candidate, term, pre: !stands, votes, quorum }
        }
        (Some((term, leader)), None) => Situation::Stranded { leader, term, reach, quorum },
        (None, None) => Situation::Leaderless { reach: largest_circle(world, gid), quorum },
    }
}

fn runs(node: &&Node) -> bool {
    !node.is_down() && !node.is_paused()
}

fn talk(world: &World, a: NodeId, b: NodeId) -> bool {
    a == b || (!world.is_cut(a, b) && !world.is_cut(b, a))
}

/// How many servers one can talk to, both ways, itself included; none while it stands still.
fn within_reach(world: &World, gid: Gid, from: NodeId) -> u32 {
    if world.node(from).as_ref().is_none_or(|node| !runs(node)) {
        return 0;
    }
    world.members(gid).filter(runs).filter(|node| talk(world, from, node.id())).count() as u32
}

/// The size of the largest set of running servers that can all talk to one another. There are at
/// most nine, so every set is tried.
fn largest_circle(world: &World, gid: Gid) -> u32 {
    let running: NodeSet = world.members(gid).filter(runs).map(Node::id).collect();
    let complete = |set: NodeSet| set.iter().all(|a| set.iter().all(|b| talk(world, a, b)));
    let sets = (0..1_u16 << running.len().min(9)).map(|bits| {
        let members = running.iter().zip(0..).filter(|(_, place)| bits & (1 << place) != 0);
        members.map(|(id, _)| id).collect::<NodeSet>()
    });
    sets.filter(|set| complete(*set)).map(NodeSet::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Action, Scenario, Timeline};
    use crate::time::Duration;

    fn run(timeline: &mut Timeline, millis: u64) -> Situation {
        timeline.advance(timeline.now() + Duration::from_millis(millis), u32::MAX);
        situation(timeline.world(), Gid(0))
    }

    fn act(timeline: &mut Timeline, action: Action) {
        timeline.act(action).expect("it can be done");
    }

    #[test]
    fn of_two_leaders_the_later_one_leads_and_the_other_is_its_rival() {
        let mut numbers = NodeSet::EMPTY;
        for seed in 0..6 {
            let mut scenario = Scenario::new(seed, 3, 1);
            scenario.raft.check_quorum = false;
            let mut timeline = Timeline::new(scenario);
            let Situation::Led { leader: old, term: before, rival: None } =
                run(&mut timeline, 1_500)
            else {
                panic!("nobody leads, seed {seed}")
            };
            act(&mut timeline, Action::Isolate(old));
            let now = run(&mut timeline, 2_000);
            let Situation::Led { leader, term, rival } = now else {
                panic!("{now:?}, seed {seed}")
            };
            assert!(leader != old && term > before && rival == Some(old), "seed {seed}");
            numbers.insert(old);
        }
        assert!(numbers.len() > 1, "old leaders stand before new ones, and behind them");
    }

    #[test]
    fn a_group_without_a_quorum_is_stranded_or_leaderless() {
        let mut scenario = Scenario::new(2, 3, 1);
        scenario.raft.check_quorum = false;
        let mut timeline = Timeline::new(scenario);
        let Situation::Led { leader, term, .. } = run(&mut timeline, 1_500) else {
            panic!("nobody leads")
        };
        let followers = [0, 1, 2].map(NodeId).into_iter().filter(|id| *id != leader);
        followers.for_each(|id| act(&mut timeline, Action::Pause(id)));
        let stranded = Situation::Stranded { leader, term, reach: 1, quorum: 2 };
        assert_eq!(run(&mut timeline, 1), stranded);
        act(&mut timeline, Action::Crash(leader));
        assert_eq!(run(&mut timeline, 1), Situation::Leaderless { reach: 0, quorum: 2 });
        act(&mut timeline, Action::Restart(leader));
        assert_eq!(run(&mut timeline, 1), Situation::Leaderless { reach: 1, quorum: 2 });
    }
}
