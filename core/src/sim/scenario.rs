//! What a run is made from: everything that is known before the first event.

mod sharding;

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

pub use self::sharding::Sharding;
use super::disk::Disk;
use super::network::Network;
use super::workload::Workload;
use crate::clerk::Patience;
use crate::id::{MutantId, NodeSet};
use crate::raft;
use crate::rng::Ppm;
use crate::time::Duration;

/// The settings of a run. Equal scenarios with equal actions give equal runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// What every random lane is made from.
    pub seed: u64,
    /// Servers of a group, 1 to [`Scenario::MAX_SERVERS`]. Servers are processes 0, 1, …, group by
    /// group.
    pub servers: u16,
    /// Clients, 0 to [`Scenario::MAX_CLIENTS`]. They follow the servers.
    pub clients: u16,
    /// The protocol's settings. The voters are the scenario's servers, whatever is said here.
    pub raft: raft::Config,
    /// How messages travel.
    pub network: Network,
    /// How long writing takes.
    pub disk: Disk,
    /// How long a server works on each event, during which the next ones wait.
    pub service: Duration,
    /// What clients do by themselves.
    pub workload: Workload,
    /// How long clients wait.
    pub patience: Patience,
    /// Clients' reads bypass the log (ReadIndex).
    pub read_index: bool,
    /// How many sessions a server remembers, at least 1.
    pub sessions: u32,
    /// A log larger than this many bytes is compacted, once all who keep up have it; none: never.
    pub snapshot_above: Option<u64>,
    /// Which decision is taken wrongly; usually none.
    pub mutant: MutantId,
    /// A sharded store of many groups; none: one group, which has everything.
    pub sharding: Option<Sharding>,
}

/// A setting that cannot be: which, and one sentence with the mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The setting's name.
    pub setting: &'static str,
    /// What is wrong, and how to mend it.
    pub sentence: String,
}

impl Default for Scenario {
    fn default() -> Self {
        Self::new(1, 5, 2)
    }
}

/// The largest scenario with one group fits into a set of processes: the controller's servers and
/// the group's, the clients and the operator.
const _: () = assert!(2 * Scenario::MAX_SERVERS + Scenario::MAX_CLIENTS < NodeSet::LIMIT);

impl Scenario {
    /// The largest group.
    pub const MAX_SERVERS: u16 = 9;
    /// The most clients.
    pub const MAX_CLIENTS: u16 = 32;

    /// A group of `servers` with `clients` and the usual settings: links of 1 to 10 ms, writes of
    /// 0.5 ms, a heartbeat of 50 ms, election time-outs of 200 to 400 ms.
    pub fn new(seed: u64, servers: u16, clients: u16) -> Self {
        Self {
            seed,
            servers,
            clients,
            raft: raft::Config {
                voters: NodeSet::EMPTY,
                election_min: Duration::from_millis(200),
                election_max: Duration::from_millis(400),
                heartbeat: Duration::from_millis(50),
                append_max: 64,
                window: 256,
                uncommitted_max: 1024,
                pre_vote: true,
                check_quorum: true,
                sticky: true,
            },
            network: Network::default(),
            disk: Disk::default(),
            service: Duration::ZERO,
            workload: Workload::default(),
            patience: Patience {
                attempt: Duration::from_millis(100),
                rest_min: Duration::from_millis(20),
                rest_max: Duration::from_millis(200),
            },
            read_index: true,
            sessions: 256,
            snapshot_above: None,
            mutant: MutantId::Paper,
            sharding: None,
        }
    }

    /// The same scenario, with no more servers and clients than there can be, and at least one
    /// server.
    pub(super) fn bounded(scenario: Arc<Self>) -> Arc<Self> {
        let servers = scenario.servers.clamp(1, Self::MAX_SERVERS);
        let clients = scenario.clients.min(Self::MAX_CLIENTS);
        let sharding = scenario.sharding.map(|sharding| sharding.bounded(servers, clients));
        if (servers, clients, sharding) == (scenario.servers, scenario.clients, scenario.sharding) {
            return scenario;
        }
        Arc::new(Self { servers, clients, sharding, ..scenario.as_ref().clone() })
    }

    /// The number of servers that a majority has, of the only group or of each that holds shards.
    pub const fn quorum(&self) -> u32 {
        self.servers as u32 / 2 + 1
    }

    /// Everything that is wrong with it; nothing, if it can be run.
    pub fn complaints(&self) -> Vec<Complaint> {
        let mut all = Vec::new();
        let mut demand = |holds: bool, setting, sentence: String| {
            if !holds {
                all.push(Complaint { setting, sentence });
            }
        };
        let (most, servers) = (Self::MAX_SERVERS, self.servers);
        demand(
            (1..=most).contains(&servers),
            "servers",
            format!("A group has 1 to {most} servers, not {servers}: 3 or 5 are usual."),
        );
        let (most, clients) = (Self::MAX_CLIENTS, self.clients);
        demand(
            clients <= most,
            "clients",
            format!("There can be 0 to {most} clients, not {clients}: choose fewer."),
        );
        self.sharding_complaints(&mut demand);
        self.raft_complaints(&mut demand);
        demand(
            self.sessions >= 1,
            "sessions",
            "A server must remember at least 1 session: set sessions to 1 or more.".into(),
        );
        demand(
            self.snapshot_above != Some(0),
            "snapshot above",
            "A log of 0 bytes cannot be kept: choose a size of at least 1 byte, or none.".into(),
        );
        demand(
            self.patience.attempt > Duration::ZERO,
            "client time-out",
            "A client must wait longer than 0 for an answer: 100 ms is usual.".into(),
        );
        demand(
            self.patience.rest_min <= self.patience.rest_max,
            "client rest",
            "A client's shortest rest must not be longer than its longest: swap them.".into(),
        );
        self.network.complain(&mut demand);
        self.disk.complain(&mut demand);
        self.workload.complain(&mut demand);
        limited(&mut demand, "service time", self.service);
        all
    }

    fn raft_complaints(&self, demand: &mut dyn FnMut(bool, &'static str, String)) {
        let raft = &self.raft;
        let (min, max, beat) = (raft.election_min, raft.election_max, raft.heartbeat);
        demand(
            min <= max,
            "election time-out",
            format!(
                "The shortest election time-out, {min}, is longer than the longest, {max}: swap \
                 them."
            ),
        );
        demand(
            beat > Duration::ZERO,
            "heartbeat",
            "A heartbeat interval of 0 would send without end: 50 ms is usual.".into(),
        );
        demand(
            beat < min,
            "heartbeat",
            format!(
                "The heartbeat interval, {beat}, must be shorter than the shortest election \
                 time-out, {min}: shorten one or lengthen the other."
            ),
        );
        limited(demand, "election time-out", max);
        demand(
            raft.append_max >= 1,
            "entries per message",
            "A message must be able to carry at least 1 entry.".into(),
        );
        demand(
            raft.window >= 1 && raft.uncommitted_max >= 1,
            "window",
            "At least 1 entry must be allowed on its way.".into(),
        );
    }
}

/// A duration that a person may set: at most an hour.
pub(super) fn limited(
    demand: &mut dyn FnMut(bool, &'static str, String),
    setting: &'static str,
    value: Duration,
) {
    let hour = Duration::from_secs(3600);
    demand(value <= hour, setting, format!("{value} is too long: choose at most an hour."));
}

/// A chance between never and always.
pub(super) fn probable(
    demand: &mut dyn FnMut(bool, &'static str, String),
    setting: &'static str,
    value: Ppm,
) {
    let Ppm(ppm) = value;
    demand(
        value <= Ppm::ALWAYS,
        setting,
        format!("A chance of {ppm} in a million is more than always: choose at most 1000000."),
    );
}

#[cfg(test)]
mod tests;
