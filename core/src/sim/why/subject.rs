//! All that can be asked about one thing: a server, a client, a shard, a group.

use alloc::vec::Vec;

use super::handover::shards;
use super::{Explanation, Moment, Question, Status, explain};
use crate::id::{Gid, NodeId, ShardId, Slot};
use crate::sim::chronicle::Chronicle;
use crate::sim::world::World;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A server: its first entry that is not committed, or its group's leader; its group's
    /// configuration.
    Server(NodeId),
    /// A client: its open request.
    Client(NodeId),
    /// A shard: who serves it.
    Shard(ShardId),
    /// A group: its leader, its configuration, what it still has to hand over or to get.
    Group(Gid),
}

/// What waits at a moment of a run and has to do with one thing, each down to its root. Empty:
/// nothing waits, or there is no such thing.
pub fn about(world: &World, chronicle: &Chronicle, subject: Subject) -> Vec<Explanation> {
    let moment = Moment { world, chronicle };
    let questions = match subject {
        Subject::Server(id) => moment.of_server(id),
        Subject::Client(client) => Vec::from([Question::Request { client }]),
        Subject::Shard(shard) => Vec::from([Question::Shard { shard }]),
        Subject::Group(group) => moment.of_group(group),
    };
    let waits = |of: &Explanation| !matches!(of.status(), Status::So | Status::Unknown);
    questions.into_iter().map(|of| explain(world, chronicle, of)).filter(waits).collect()
}

impl Moment<'_> {
    fn of_server(&self, id: NodeId) -> Vec<Question> {
        let Some(group) = self.world.scenario().group_of(id) else { return Vec::new() };
        let node = self.world.nodes().get(usize::from(id.0));
        let last = node.and_then(|node| node.durable()).map_or(Slot(0), |disk| disk.log.end());
        let slot = Slot(self.committed(group).0.saturating_add(1));
        let mut questions = self.of_group(group);
        // Who leads and commits nothing, or nobody leads: both are about those who are missing, and
        // that is said once.
        let led = slot <= last && self.in_office(group).is_some();
        if let Some(leads) = questions.first_mut().filter(|_| led) {
            *leads = Question::Commit { group, slot };
        }
        questions
    }

    fn of_group(&self, group: Gid) -> Vec<Question> {
        let leads = Question::Leader { group };
        if self.world.scenario().sharding.is_none() || group == Gid(0) {
            return Vec::from([leads]);
        }
        let behind = Question::Configuration { group, number: self.latest() };
        let unfinished = shards(self.world, group).is_some_and(|shards| shards.is_unfinished());
        let handover = unfinished.then(|| self.unfinished(group).first).flatten();
        [leads, behind].into_iter().chain(handover).collect()
    }
}
