//! The second phase: a quorum of each group is healed, every other fault stays, and the groups must
//! serve.

use alloc::vec::Vec;

use super::judge::{self, Fault};
use super::{QUIET, Run, draw};
use crate::id::{Gid, NodeId, NodeSet};
use crate::rng::Rng;
use crate::sim::action::{Action, PacketFault};
use crate::sim::packet::End;
use crate::time::Instant;

impl Run {
    /// A quorum is healed, and must serve.
    pub(super) fn serve(&mut self, core: NodeSet) -> Result<(), Fault> {
        (self.core, self.raged) = (core, self.acts.len());
        let healed = self.world.now();
        self.healed = healed;
        self.heal_core();
        let since = self.settle()?;
        let limit = since + self.world.scenario().raft.election_max.times(30);
        self.run_until(limit)?;
        judge::progress(&self.chronicle.history, since, limit)
    }

    /// Clients fall silent; then the healed servers must agree in everything.
    pub(super) fn quiet(&mut self) -> Result<(), Fault> {
        let scenario = self.world.scenario().clone();
        let mut silent = scenario.workload;
        silent.limit = Some(0);
        let now = self.world.now();
        self.act(now, &Action::SetWorkload(silent));
        let mut more = now;
        for _ in 0..QUIET {
            more += scenario.raft.election_max.times(10);
            self.run_until(more)?;
            if self.idle() {
                break;
            }
        }
        more += scenario.raft.election_max.times(10);
        self.run_until(more)?;
        judge::convergence(&self.world, self.core)?;
        judge::at_most_once(&self.world, self.core, &self.chronicle.history)?;
        match self.world.scenario().sharding {
            Some(_) => self.judge_cluster(),
            None => Ok(()),
        }
    }

    /// Whether every client has its answer.
    pub(super) fn idle(&self) -> bool {
        let clients = self.world.nodes().iter().filter_map(|node| node.client());
        clients.into_iter().all(|client| !client.clerk().is_busy() && client.queued() == 0)
    }

    /// The servers of a group whose disks were not lost.
    pub(super) fn sound(&self, group: Gid) -> Vec<NodeId> {
        let sound = |id: &NodeId| {
            self.world.node(*id).and_then(|node| node.durable()).is_some_and(|disk| !disk.lost)
        };
        self.world.scenario().members(group).filter(sound).collect()
    }

    /// Draws a quorum of each group from its servers whose disks were not lost.
    pub(super) fn draw_core(&self, lane: &mut Rng) -> NodeSet {
        let mut core = NodeSet::EMPTY;
        for group in self.world.scenario().groups() {
            let mut candidates = self.sound(group);
            let full = core.len() + self.world.scenario().quorum_of(group);
            while core.len() < full && !candidates.is_empty() {
                let index = lane.below(candidates.len() as u64) as usize;
                core.insert(candidates.swap_remove(index));
            }
        }
        core
    }

    /// Heals a quorum. Other faults stay, and outsiders hear nothing from the healed ones, so that
    /// none of them leads. What they say is heard as before where pre-vote, check-quorum and
    /// stickiness protect from it; elsewhere an outsider that stands for election without end would
    /// rule out progress.
    fn heal_core(&mut self) {
        let (scenario, core) = (self.world.scenario().clone(), self.core);
        let now = self.world.now();
        self.heal(now, &Action::ClearRules);
        self.heal(now, &Action::SetNetwork(draw::calm(&scenario)));
        self.heal(now, &Action::SetWorkload(draw::fresh(&scenario)));
        for id in core.iter() {
            self.heal(now, &Action::Resume(id));
            self.heal(now, &Action::Restart(id));
            self.heal(now, &Action::SlowDisk { server: id, times: 1 });
        }
        let shielded = scenario.raft.pre_vote && scenario.raft.check_quorum && scenario.raft.sticky;
        let everyone = scenario.server_ids().chain(scenario.client_ids());
        for from in everyone.clone() {
            for to in everyone.clone() {
                let inside = |id: NodeId| core.contains(id) || id.0 >= scenario.server_count();
                if inside(from) && inside(to) {
                    self.heal(now, &Action::Mend { from, to });
                } else if from != to && (inside(from) || (inside(to) && !shielded)) {
                    self.heal(now, &Action::Cut { from, to });
                }
            }
        }
        self.release_held(now);
    }

    /// Does something to heal. Where only what counts is to be told, what changes nothing is left
    /// out.
    fn heal(&mut self, now: Instant, action: &Action) {
        let changes = match action {
            Action::ClearRules => !self.world.rules().is_empty(),
            Action::SetNetwork(network) => self.world.links.network != *network,
            Action::SlowDisk { server, times } => {
                self.world.node(*server).is_some_and(|node| node.disk_times() != *times)
            }
            _ => true,
        };
        if changes || !self.terse {
            self.act(now, action);
        }
    }

    /// What is held is lost for good: that too is a fault made permanent.
    fn release_held(&mut self, now: Instant) {
        let held = self.world.packets().filter(|packet| packet.label.end == End::Held);
        let ids: Vec<u64> = held.map(|packet| packet.label.id).collect();
        for id in ids {
            self.act(now, &Action::Packet { id, fault: PacketFault::Drop });
        }
    }
}
