//! One group of many, as if it were the only one: its servers are numbered from 0, the clients
//! after them. So whatever is drawn and done for one group works for each.

use std::rc::Rc;
use std::sync::Arc;

use shardscope_core::id::{Gid, NodeId};
use shardscope_core::sim::scenario::Scenario;
use shardscope_core::view::{Dock, Flight, Role, Server, Situation, Stage};

use crate::words::{ELSEWHERE, Names, server_name};

/// The group that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lens {
    /// Which one.
    pub(super) gid: Gid,
    /// The world's number of its first server.
    first: u16,
    /// How many servers it has.
    size: u16,
    /// The world's number of the first client.
    clients: u16,
    /// What everybody is called, by the world's number: the group's servers as in a group of its
    /// own, those of others with their group.
    pub(super) names: Names,
}

impl Lens {
    /// The lens for a group.
    pub(super) fn of(scenario: &Scenario, gid: Gid) -> Self {
        let mut members = scenario.members(gid);
        let size = members.len() as u16;
        let first = members.next().map_or(0, |id| id.0);
        let clients = scenario.server_count();
        let own = first..first.saturating_add(size);
        let name = |id: NodeId| match own.contains(&id.0) && gid != Gid(0) {
            true => server_name(NodeId(id.0 - first)),
            false => scenario.name(id),
        };
        let names = Rc::new(scenario.server_ids().chain(scenario.client_ids()).map(name).collect());
        Self { gid, first, size, clients, names: Names(names) }
    }

    /// It shows everything as it is.
    const fn is_plain(&self) -> bool {
        self.size == self.clients
    }

    /// A process by its number under the lens; [`ELSEWHERE`] for another group's server.
    pub(super) fn inner(&self, id: NodeId) -> NodeId {
        match id.0 {
            id if id >= self.clients => NodeId(id - self.clients + self.size),
            id if (self.first..self.first + self.size).contains(&id) => NodeId(id - self.first),
            _ => ELSEWHERE,
        }
    }

    /// A process by its number in the world.
    pub(super) const fn outer(&self, id: NodeId) -> NodeId {
        NodeId(if id.0 < self.size {
            id.0 + self.first
        } else {
            (id.0 - self.size).saturating_add(self.clients)
        })
    }

    /// A link by its numbers in the world.
    pub(super) const fn link(&self, (a, b): (NodeId, NodeId)) -> (NodeId, NodeId) {
        (self.outer(a), self.outer(b))
    }

    /// The group's stage under the lens. The servers that clients ask keep the world's numbers, by
    /// which [`Lens::names`] names them: they may be another group's.
    pub(super) fn stage(&self, mut stage: Stage) -> Stage {
        if self.is_plain() {
            return stage;
        }
        for server in &mut stage.servers {
            self.server(Arc::make_mut(server));
        }
        for client in &mut stage.clients {
            let client = Arc::make_mut(client);
            client.id = self.inner(client.id);
        }
        for (a, b) in &mut stage.cuts {
            (*a, *b) = (self.inner(*a), self.inner(*b));
        }
        match &mut stage.situation {
            Situation::Election { candidate: id, .. } | Situation::Stranded { leader: id, .. } => {
                *id = self.inner(*id);
            }
            Situation::Led { leader, rival, .. } => {
                *leader = self.inner(*leader);
                *rival = rival.map(|id| self.inner(id));
            }
            Situation::Leaderless { .. } => {}
        }
        stage
    }

    fn server(&self, server: &mut Server) {
        server.id = self.inner(server.id);
        server.name = server_name(server.id);
        server.voted_for = server.voted_for.map(|id| self.inner(id));
        match &mut server.role {
            Role::Follower { leader } => *leader = leader.map(|id| self.inner(id)),
            Role::PreCandidate { votes } | Role::Candidate { votes } => {
                votes.iter_mut().for_each(|id| *id = self.inner(*id));
            }
            Role::Leader { peers } => {
                peers.iter_mut().for_each(|peer| peer.peer = self.inner(peer.peer));
            }
        }
    }

    /// The messages between the group's servers and the clients.
    pub(super) fn flights(&self, mut flights: Vec<Flight>) -> Vec<Flight> {
        for flight in &mut flights {
            (flight.from, flight.to) = (self.inner(flight.from), self.inner(flight.to));
        }
        flights.retain(|flight| flight.from != ELSEWHERE && flight.to != ELSEWHERE);
        flights
    }

    /// What concerns the group, and the clients' operations. Servers keep the world's numbers, by
    /// which [`Lens::names`] names them; before a group is opened, all groups' marks are in it.
    pub(super) fn dock(&self, mut dock: Dock) -> Dock {
        if self.is_plain() {
            return dock;
        }
        if self.gid != Gid(0) {
            dock.marks.retain(|mark| self.inner(mark.node) != ELSEWHERE);
        }
        for operation in &mut dock.operations {
            operation.client = self.inner(operation.client);
        }
        dock
    }
}

#[cfg(test)]
mod tests {
    use shardscope_core::id::ConfigNumber;
    use shardscope_core::time::{Duration, Instant};
    use shardscope_core::view::{Cluster, Health};

    use super::*;
    use crate::engine::{Blow, Change, Deed, Engine, Setup};
    use crate::words::cluster::{cut_off, narration};
    use crate::words::mark as mark_words;

    fn run(setup: Setup) -> Engine {
        let mut engine = Engine::new(setup);
        while !engine.advance(engine.now() + Duration::from_secs(3), 100_000) {}
        engine
    }

    fn three_groups() -> Engine {
        run(Setup::usual(7).with("groups", "3").with("servers", "3"))
    }

    fn cluster(engine: &Engine) -> Rc<Cluster> {
        engine.cluster().expect("there are groups")
    }

    #[test]
    fn all_groups_join_at_the_start() {
        let engine = three_groups();
        let cluster = cluster(&engine);
        assert_eq!(cluster.assignment.number, ConfigNumber(1));
        let served: usize = cluster.groups.iter().map(|group| group.serves().count()).sum();
        assert_eq!(served, 10);
        assert!(cluster.clients.iter().any(|client| client.answered > 10));
    }

    #[test]
    fn a_whole_group_is_cut_off_healed_crashed_and_restarted() {
        let mut engine = three_groups();
        assert_eq!(engine.act(&Deed::Strike(Gid(2), Blow::CutOff)), Ok(false));
        // Two ways between three servers and the six others, three of the controller, two clients
        // and the operator.
        assert_eq!(engine.timeline.world().cuts().count(), 2 * 3 * (6 + 3 + 2 + 1));
        let says = "Group 2 is cut off: no client reaches it.";
        assert_eq!(narration(&cluster(&engine)).0, says);
        assert_eq!(cut_off(&cluster(&engine), Gid(2)).map(|said| said.0), Some(says.into()));
        assert_eq!(cut_off(&cluster(&engine), Gid(1)), None);
        assert_eq!(engine.act(&Deed::Heal), Ok(false));
        assert_eq!(engine.timeline.world().cuts().count(), 0);
        assert_eq!(engine.act(&Deed::Strike(Gid(2), Blow::Crash)), Ok(false));
        let says = narration(&cluster(&engine)).0;
        assert_eq!(says, "No server of group 2 is running.");
        assert!(narration(&cluster(&engine)).1.ends_with(" Other groups go on."));
        let twice = engine.act(&Deed::Strike(Gid(2), Blow::Crash));
        assert_eq!(twice, Err("Group 2 is down already.".into()));
        assert_eq!(engine.act(&Deed::Strike(Gid(2), Blow::Restart)), Ok(false));
        let servers = cluster(&engine).groups[1].team.servers.clone();
        assert!(servers.iter().all(|server| server.health == Health::Up));
        assert_ne!(narration(&cluster(&engine)).0, says);
    }

    #[test]
    fn a_group_is_seen_and_acted_on_as_if_it_were_the_only_one() {
        let mut engine = three_groups();
        engine.look_at(Gid(2));
        let stage = engine.stage();
        let ids: Vec<u16> = stage.servers.iter().map(|server| server.id.0).collect();
        assert_eq!(ids, [0, 1, 2]);
        assert_eq!(stage.servers[1].name, "S2");
        assert_eq!(stage.clients[0].id, NodeId(3), "clients come after the servers");
        assert!(matches!(stage.situation, Situation::Led { leader, .. } if leader.0 < 3));
        assert_eq!(engine.act(&Deed::Crash(NodeId(1))), Ok(false));
        assert_eq!(engine.act(&Deed::CutOff(vec![NodeId(0)])), Ok(false));
        let cuts = engine.stage().cuts.clone();
        assert_eq!(cuts.len(), 4, "to the two others, both ways");
        let down = |cluster: &Cluster| {
            let servers = cluster.groups.iter().flat_map(|group| &group.team.servers);
            let down = servers.filter(|server| server.health == Health::Down);
            down.map(|server| server.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(down(&cluster(&engine)), ["G2.S2"]);
        assert_eq!(engine.act(&Deed::In(Gid(3), Box::new(Deed::Crash(NodeId(0))))), Ok(false));
        assert_eq!(down(&cluster(&engine)), ["G2.S2", "G3.S1"]);
        engine.look_at(Gid(3));
        assert_eq!(engine.stage().cuts, []);
    }

    #[test]
    fn only_messages_of_the_group_and_the_clients_are_in_its_picture() {
        let mut engine = three_groups();
        engine.look_at(Gid(1));
        let (mut seen, mut all) = (0, 0);
        for _ in 0..2_000 {
            engine.step_forward();
            let flights = engine.flights();
            let processes = 3 + engine.stage().clients.len() as u16;
            assert!(flights.iter().all(|f| f.from.0 < processes && f.to.0 < processes));
            seen += flights.len();
            all += engine.all_flights().len();
        }
        assert!(0 < seen && seen < all, "{seen} of {all}");
    }

    #[test]
    fn everybody_is_called_by_the_name_that_the_picture_has() {
        let mut engine = three_groups();
        let said = |engine: &Engine| {
            let dock = engine.dock(Instant::ZERO, engine.now());
            let names = engine.names();
            let marks = dock.marks.iter().map(|mark| mark_words(mark.kind, mark.node, &names));
            let by = dock.operations.iter().filter_map(|operation| operation.answered_by);
            (marks.collect::<Vec<_>>(), by.map(|id| names.of(id)).collect::<Vec<_>>())
        };
        let (marks, by) = said(&engine);
        for name in ["CTL.S", "G1.S", "G2.S", "G3.S"] {
            assert!(marks.iter().any(|mark| mark.starts_with(name)), "{name}: {marks:?}");
            let led = |mark: &&String| mark.starts_with(name) && mark.contains(" leads ");
            assert!(marks.iter().any(|mark| led(&mark)), "{name}: {marks:?}");
        }
        assert!(by.iter().any(|name| name.starts_with("G3.S")), "{by:?}");
        engine.look_at(Gid(3));
        let (marks, by) = said(&engine);
        assert!(marks[..marks.len() - 1].iter().all(|mark| mark.starts_with('S')), "{marks:?}");
        assert!(marks.iter().all(|mark| !mark.contains("G3")), "{marks:?}");
        assert_eq!(marks[marks.len() - 1], "Operator: change the configuration");
        assert!(by.iter().any(|name| name.starts_with('S')), "{by:?}");
        assert!(by.iter().any(|name| name.starts_with("G1.S")), "{by:?}");
        assert!(by.iter().all(|name| !name.starts_with("G3")), "{by:?}");
    }

    #[test]
    fn a_change_is_planned_and_then_made() {
        let mut engine = three_groups();
        let plan = engine.plan(Change::Leave(Gid(3))).expect("it has joined");
        assert_eq!(plan.moves(), plan.fewest);
        assert_eq!(engine.act(&Deed::Configure(Change::Leave(Gid(3)))), Ok(false));
        while !engine.advance(engine.now() + Duration::from_secs(2), 100_000) {}
        let cluster = cluster(&engine);
        assert_eq!(cluster.assignment.owners, &*plan.config.shards);
        assert_eq!(cluster.groups[2].serves().count(), 0);
        assert!(engine.plan(Change::Leave(Gid(3))).unwrap_err().contains("let it join"));
        assert!(engine.whereabouts("x").is_some_and(|found| found.served_by.is_some()));
    }

    #[test]
    fn one_group_is_seen_as_it_is() {
        let engine = run(Setup::usual(7));
        assert_eq!(engine.cluster(), None);
        assert_eq!(*engine.stage(), shardscope_core::view::stage(&engine.timeline));
        assert!(engine.plan(Change::Leave(Gid(1))).is_err());
    }
}
