//! `omnipaxos` 0.2.4 with the memory storage that comes with it.

use omnipaxos::messages::Message;
use omnipaxos::storage::{self, Snapshot};
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

use crate::{Applied, Entry, Member, Notice, Post};

/// One server.
pub struct Omni {
    paxos: OmniPaxos<Value, MemoryStorage<Value>>,
    outgoing: Vec<Message<Value>>,
    /// How much of the log it has read.
    read: usize,
    applied: Applied,
}

/// What its log holds.
#[derive(Clone, Debug)]
pub struct Value(Entry);

impl storage::Entry for Value {
    type Snapshot = NoSnapshot;
}

/// No snapshots are taken.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct NoSnapshot;

impl Snapshot<Value> for NoSnapshot {
    fn create(_: &[Value]) -> Self {
        Self
    }

    fn merge(&mut self, _: Self) {}

    fn use_snapshots() -> bool {
        false
    }
}

impl Member for Omni {
    type Message = Message<Value>;

    fn group(servers: usize, notice: Notice) -> Option<Vec<Self>> {
        // Its leader always sends the decision by itself.
        if notice == Notice::WithNext {
            return None;
        }
        let nodes: Vec<u64> = (1..=servers as u64).collect();
        let server = |pid: &u64| {
            let cluster =
                ClusterConfig { configuration_id: 1, nodes: nodes.clone(), flexible_quorum: None };
            let server = ServerConfig { pid: *pid, ..ServerConfig::default() };
            let paxos = cluster.build_for_server(server, MemoryStorage::default());
            let paxos = paxos.expect("the settings are valid");
            Self { paxos, outgoing: Vec::new(), read: 0, applied: Applied::default() }
        };
        Some(nodes.iter().map(server).collect())
    }

    fn campaign(&mut self) {
        self.paxos.try_become_leader();
    }

    fn propose(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.paxos.append(Value(*entry)).expect("it leads");
        }
    }

    fn receive(&mut self, _: usize, message: Self::Message) {
        self.paxos.handle_incoming(message);
    }

    fn work(&mut self, post: &mut Post<Self::Message>) {
        self.paxos.take_outgoing_messages(&mut self.outgoing);
        for message in self.outgoing.drain(..) {
            post.send(message.get_receiver() as usize - 1, message);
        }
        let decided = self.paxos.get_decided_idx();
        if decided > self.read {
            let entries = self.paxos.read_decided_suffix(self.read).expect("they are there");
            for entry in &entries {
                let LogEntry::Decided(Value(entry)) = entry else { panic!("it was decided") };
                self.applied.apply(entry);
            }
            self.read = decided;
        }
    }

    fn notify(&mut self, _: bool) {}

    fn applied(&self) -> Applied {
        self.applied
    }
}
