//! The core's Raft, through the seam that its servers use.

use std::sync::Arc;

use serde::Serialize;
use shardscope_core::id::{Incarnation, MutantId, NodeId, NodeSet, Slot};
use shardscope_core::machine::Machine;
use shardscope_core::protocol::{Boot, Durable as _, Effect, Out, Payload, Protocol};
use shardscope_core::raft::message::{Durable, Message};
use shardscope_core::raft::{Config, Raft};
use shardscope_core::time::{Duration, Instant};

use crate::{Applied, Entry, Member, Notice, Post};

const HEARTBEAT: Duration = Duration::from_millis(50);

/// One server.
pub struct Shardscope {
    raft: Raft<Ledger>,
    out: Out<Raft<Ledger>>,
    disk: Durable<Ledger>,
    ledger: Ledger,
    now: Instant,
    notice: Notice,
    /// How far its followers have heard what is committed.
    told: Slot,
}

/// What the log drives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Ledger(Applied);

impl Machine for Ledger {
    type Command = Entry;
    type Reply = ();

    fn apply(&mut self, command: &Entry) {
        self.0.apply(command);
    }

    fn read(&self, _: &Entry) -> Option<()> {
        None
    }

    fn bytes(&self) -> u64 {
        0
    }
}

impl Member for Shardscope {
    type Message = Message<Ledger>;

    fn group(servers: usize, notice: Notice) -> Option<Vec<Self>> {
        let ids: Vec<NodeId> = (0..servers as u16).map(NodeId).collect();
        // The usual settings of the core's scenarios.
        let config = Arc::new(Config {
            voters: ids.iter().copied().collect::<NodeSet>(),
            election_min: Duration::from_millis(200),
            election_max: Duration::from_millis(400),
            heartbeat: HEARTBEAT,
            append_max: 64,
            window: 256,
            uncommitted_max: 1024,
            pre_vote: true,
            check_quorum: true,
            sticky: true,
        });
        let server = |id: NodeId| {
            let (mut out, now) = (Out::default(), Instant::from_micros(0));
            let boot = Boot {
                config: config.clone(),
                id,
                seed: 1,
                incarnation: Incarnation(0),
                durable: Durable::default(),
                mutant: MutantId::Paper,
            };
            let raft = Raft::boot(boot, now, &mut out);
            let (disk, ledger, told) = (Durable::default(), Ledger::default(), Slot(0));
            Self { raft, out, disk, ledger, now, notice, told }
        };
        Some(ids.into_iter().map(server).collect())
    }

    fn campaign(&mut self) {
        self.raft.campaign(self.now, &mut self.out);
    }

    fn propose(&mut self, entries: &[Entry]) {
        let entries = entries.iter().copied();
        self.raft.propose_all(self.now, entries, &mut self.out).expect("it leads");
    }

    fn receive(&mut self, from: usize, message: Self::Message) {
        self.raft.receive(self.now, NodeId(from as u16), message, &mut self.out);
    }

    fn work(&mut self, post: &mut Post<Self::Message>) {
        for effect in self.out.drain() {
            match effect {
                Effect::Persist(record) => self.disk.store(&record),
                Effect::Send { to, message } => post.send(usize::from(to.0), message),
                Effect::Commit { entry, .. } => {
                    if let Payload::Command(command) = &entry.payload {
                        self.ledger.apply(command);
                    }
                }
                Effect::Restore(snapshot) => self.ledger = snapshot.machine,
                Effect::Readable { .. } | Effect::Leading(_) | Effect::Note(_) => {}
            }
        }
    }

    /// Its followers hear what is committed with the next message: a heartbeat is one.
    fn notify(&mut self, last: bool) {
        if self.told < self.raft.commit() && (last || self.notice == Notice::AtOnce) {
            self.told = self.raft.commit();
            self.now = self.raft.alarm().map_or(self.now, |alarm| alarm.at);
            self.raft.wake(self.now, &mut self.out);
        }
    }

    fn applied(&self) -> Applied {
        self.ledger.0
    }
}
