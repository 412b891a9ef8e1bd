//! What a run did, counted from its reports: so that no fault is only meant to have happened.

use std::collections::BTreeSet;

use shardscope_core::controller;
use shardscope_core::id::{ConfigNumber, NodeSet, ShardId};
use shardscope_core::machine::{Machine as _, encoded_len};
use shardscope_core::protocol::Payload;
use shardscope_core::raft::message::Record;
use shardscope_core::raft::note::Note;
use shardscope_core::shardkv;
use shardscope_core::sim::packet::End;
use shardscope_core::sim::report::{Report, Shown};
use shardscope_core::sim::store::{StoreCommand, StoreEntry, StoreReply};
use shardscope_core::sim::{Action, Node, World};

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// Messages sent while nothing was cut off their way, and how many of them were lost.
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    /// Messages that did not get through because a link was cut.
    pub(crate) cut: u64,
    pub(crate) crashed: u64,
    pub(crate) booted: u64,
    /// Clients that waited for an answer when all servers stopped.
    pub(crate) caught: u64,
    /// Partitions with servers on both sides.
    pub(crate) split: u64,
    /// Those that left a leader without a majority.
    pub(crate) deposing: u64,
    /// Snapshots that servers took themselves, and those that they got from a leader.
    pub(crate) taken: u64,
    pub(crate) installed: u64,
    /// Who got one.
    pub(crate) installers: NodeSet,
    /// Servers that began again from a snapshot.
    pub(crate) recovered: u64,
    /// Snapshots that reached a disk.
    pub(crate) stored: u64,
    /// The largest snapshot, log and entry, in bytes.
    pub(crate) snapshot: u64,
    pub(crate) log: u64,
    pub(crate) entry: u64,
    /// Elections won.
    pub(crate) elected: u64,
    /// Operations that were begun, and how often servers were asked.
    pub(crate) calls: u64,
    pub(crate) asked: u64,
    /// Changes of the configuration that were made.
    pub(crate) changed: u64,
    /// Shards that came to a new owner, and copies that were deleted, each by the configuration
    /// that moved it.
    pub(crate) moved: BTreeSet<(ConfigNumber, ShardId)>,
    pub(crate) deleted: BTreeSet<(ConfigNumber, ShardId)>,
    /// Calls that stood in a log of a group which did not serve the shard any more.
    pub(crate) refused: u64,
}

impl Watch {
    /// Looks at what a step did.
    pub(crate) fn observe(&mut self, world: &World, report: &Report) {
        let began = report.shown.contains(&Shown::Booted);
        for shown in &report.shown {
            match shown {
                Shown::Restored(_) if began => self.recovered += 1,
                Shown::Sent(label) if label.end == End::Cut => self.cut += 1,
                Shown::Sent(label) => {
                    self.sent += 1;
                    self.lost += u64::from(label.end == End::Lost);
                }
                Shown::Persisted(Record::Splice(splice)) => {
                    let sizes = splice.entries.entries().iter().map(|entry| entry.bytes());
                    self.entry = sizes.fold(self.entry, u64::max);
                }
                Shown::Persisted(Record::Snapshot(snapshot)) => {
                    let bytes = encoded_len(&snapshot.last) + snapshot.machine.bytes();
                    self.snapshot = self.snapshot.max(bytes);
                    self.stored += 1;
                }
                Shown::Note(Note::Compacted(_)) => self.taken += 1,
                Shown::Note(Note::Installed(_)) => {
                    self.installed += 1;
                    self.installers.insert(report.node);
                }
                Shown::Note(Note::BecameLeader(_)) => self.elected += 1,
                Shown::Applied { entry, reply: Some(reply), .. } => self.applied(entry, reply),
                Shown::Concluded { reply: Some(controller::Reply::Changed(_)), .. } => {
                    self.changed += 1;
                }
                Shown::Crashed => self.crashed += 1,
                Shown::Booted => self.booted += 1,
                Shown::Called { .. } => self.calls += 1,
                Shown::Asked { .. } => self.asked += 1,
                _ => {}
            }
        }
        let server = world.node(report.node).and_then(|node| node.server());
        let log = server.map_or(0, |server| server.replica().log().bytes());
        self.log = self.log.max(log);
    }

    fn applied(&mut self, entry: &StoreEntry, reply: &StoreReply) {
        use shardkv::{Command, Installed, Reply};
        let StoreReply::Shards(reply) = reply else { return };
        let Payload::Command(StoreCommand::Shards(command)) = &entry.payload else { return };
        match (command, reply) {
            (Command::Install(install), Reply::Install(Installed::Done)) => {
                self.moved.insert((install.config, install.shard));
            }
            (Command::Delete { config, shard }, Reply::Deleted(true)) => {
                self.deleted.insert((*config, *shard));
            }
            (Command::Client(_), Reply::WrongGroup { .. }) => self.refused += 1,
            _ => {}
        }
    }

    /// Looks at a partition that is about to be made.
    pub(crate) fn before(&mut self, world: &World, action: &Action) {
        let Action::Partition(sides) = action else { return };
        let of_servers = |side: &u32| *side > 0;
        let servers = world.scenario().server_ids();
        let sizes =
            sides.iter().map(|side| servers.clone().filter(|id| side.contains(*id)).count());
        let sizes: Vec<u32> = sizes.map(|size| size as u32).collect();
        if sizes.iter().filter(|size| of_servers(size)).count() < 2 {
            return;
        }
        self.split += 1;
        let quorum = world.scenario().quorum();
        let leads = |node: &&Node| {
            node.server().is_some_and(|server| server.replica().leader() == Some(node.id()))
        };
        let alone = |leader: &Node| {
            let side = sides.iter().position(|side| side.contains(leader.id()));
            side.is_some_and(|side| sizes[side] < quorum)
        };
        self.deposing += u64::from(world.servers().filter(leads).any(alone));
    }
}
