//! Why something waits: the core's answers, about what is seen under the lens.

use shardscope_core::id::{Gid, NodeId, ShardId};
use shardscope_core::sim::why::{self, Explanation, Status};

use super::Engine;
use crate::words::ELSEWHERE;

/// What is asked about; processes by their numbers under the lens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A server.
    Server(NodeId),
    /// A client.
    Client(NodeId),
    /// A shard.
    Shard(ShardId),
    /// A group.
    Group(Gid),
}

/// Why something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Because {
    /// It stays so until somebody does something about it.
    pub(crate) stuck: bool,
    /// From what waits down to the root, in a sentence or two each.
    pub(crate) steps: Vec<String>,
    /// The servers at the root that are on the stage, by their numbers there, with their names.
    pub(crate) servers: Vec<(NodeId, String)>,
    /// The groups of the others.
    pub(crate) groups: Vec<Gid>,
}

impl Engine {
    /// What waits now and has to do with something.
    pub(crate) fn why(&self, subject: Subject) -> Vec<Because> {
        let (world, lens) = (self.timeline.world(), &self.lens);
        let subject = match subject {
            Subject::Server(id) => why::Subject::Server(lens.outer(id)),
            Subject::Client(id) => why::Subject::Client(lens.outer(id)),
            Subject::Shard(shard) => why::Subject::Shard(shard),
            Subject::Group(gid) => why::Subject::Group(gid),
        };
        let servers = usize::from(world.scenario().server_count());
        let because = |of: Explanation| {
            let named = of.names();
            let named = || named.iter().filter(|id| usize::from(id.0) < servers);
            let away = named().filter(|id| lens.inner(*id) == ELSEWHERE);
            let mut groups: Vec<Gid> =
                away.filter_map(|id| world.scenario().group_of(id)).collect();
            // They come in the order of their servers.
            groups.dedup();
            let here = named().map(|id| (lens.inner(id), lens.names.of(id)));
            Because {
                groups,
                stuck: of.status() == Status::Blocked,
                steps: of.sentences(world.scenario()),
                servers: here.filter(|(id, _)| *id != ELSEWHERE).collect(),
            }
        };
        why::about(world, self.timeline.chronicle(), subject).into_iter().map(because).collect()
    }
}

#[cfg(test)]
mod tests {
    use shardscope_core::time::Duration;

    use super::*;
    use crate::engine::{Blow, Change, Deed, Setup};

    fn pass(engine: &mut Engine, millis: u64) {
        let until = engine.now() + Duration::from_millis(millis);
        while !engine.advance(until, 100_000) {}
    }

    fn servers(because: &[Because]) -> Vec<NodeId> {
        because[0].servers.iter().map(|(id, _)| *id).collect()
    }

    #[test]
    fn a_server_without_a_leader_says_who_is_down() {
        let mut engine = Engine::new(Setup::usual(7));
        pass(&mut engine, 500);
        for id in (0..3).map(NodeId) {
            assert_eq!(engine.act(&Deed::Crash(id)), Ok(false));
        }
        pass(&mut engine, 1_000);
        for id in [0, 4].map(NodeId) {
            let because = engine.why(Subject::Server(id));
            assert!(because[0].stuck && because[0].steps[0].contains("S1"), "{because:?}");
            assert_eq!(servers(&because), [0, 1, 2].map(NodeId));
        }
    }

    #[test]
    fn a_shard_waits_for_its_group_and_a_group_for_its_servers_by_their_numbers_on_the_stage() {
        let mut engine = Engine::new(Setup::usual(7).with("groups", "3").with("servers", "3"));
        pass(&mut engine, 3_000);
        let shard = engine.whereabouts("x").expect("it has a shard").shard;
        let from = engine.whereabouts("x").and_then(|at| at.served_by).expect("it is served");
        assert_eq!(engine.why(Subject::Shard(shard)), []);
        let to = Gid(if from == Gid(3) { 1 } else { 3 });
        assert_eq!(engine.act(&Deed::Strike(from, Blow::Crash)), Ok(false));
        assert_eq!(engine.act(&Deed::Configure(Change::Move(shard, to))), Ok(false));
        pass(&mut engine, 1_000);
        let because = engine.why(Subject::Shard(shard));
        assert!(because[0].stuck && because[0].steps.len() > 1, "{because:?}");
        assert_eq!(servers(&because), [], "they are not on the controller's stage");
        assert_eq!(because[0].groups, [from]);
        engine.look_at(from);
        let all: Vec<NodeId> = (0..3).map(NodeId).collect();
        assert_eq!(servers(&engine.why(Subject::Shard(shard))), all);
        assert_eq!(servers(&engine.why(Subject::Group(from))), all);
        assert!(!engine.why(Subject::Group(to)).is_empty());
    }
}
