//! What went over the network and what was done to the servers, counted.

use shardscope_core::machine::encoded_len;
use shardscope_core::raft::note::Note;
use shardscope_core::server::Wire;
use shardscope_core::sim::World;
use shardscope_core::sim::packet::{End, Label, Shape};
use shardscope_core::sim::report::{Happened, Report, Shown};

/// Something that a row must really have done or suffered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A message found its link cut, when it was sent or when it arrived.
    Cut,
    /// The network lost a message.
    Loss,
    /// A reply was held up, so that later ones overtook it.
    Delay,
    /// A server crashed.
    Crash,
    /// A server threw away entries that its leader did not have.
    Truncation,
    /// A server replaced the beginning of its log by a snapshot of its own.
    Compaction,
    /// A server replaced its state by another one's snapshot.
    Install,
    /// A server started from a snapshot on its disk.
    Reload,
}

impl Fault {
    /// What is counted, in the plural.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut off",
            Self::Loss => "lost",
            Self::Delay => "held up",
            Self::Crash => "crashes",
            Self::Truncation => "tails dropped",
            Self::Compaction => "snapshots taken",
            Self::Install => "installed",
            Self::Reload => "reloaded",
        }
    }
}

const FAULTS: usize = Fault::Reload as usize + 1;

/// Counts of a run so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    /// Requests sent between servers: pre-votes included, replies not.
    pub(crate) requests: u64,
    /// Their bytes, while [`Traffic::weigh`] is set: those of the messages' encoding.
    pub(crate) bytes: u64,
    /// Whether bytes are counted.
    pub(crate) weigh: bool,
    /// Requests whose bytes could not be counted, because the network took them at once.
    pub(crate) unweighed: u64,
    /// Elections won.
    pub(crate) elections: u64,
    /// Snapshots sent.
    pub(crate) snapshots: u64,
    faults: [u64; FAULTS],
}

/// Whether a server asks another one for something.
pub(crate) const fn is_request(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::PreVote | Shape::Vote | Shape::Append | Shape::Heartbeat | Shape::Snapshot
    )
}

/// Whether a server answers another one.
pub(crate) const fn is_reply(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::PreVoteReply | Shape::VoteReply | Shape::AppendReply | Shape::SnapshotReply
    )
}

impl Traffic {
    /// How often something happened.
    pub(crate) const fn count(&self, fault: Fault) -> u64 {
        self.faults[fault as usize]
    }

    pub(crate) const fn add(&mut self, fault: Fault) {
        self.faults[fault as usize] += 1;
    }

    /// Takes in a step.
    pub(crate) fn take(&mut self, world: &World, report: &Report) {
        if let Happened::Missed(label) = report.happened
            && world.is_cut(label.from, label.to)
        {
            self.add(Fault::Cut);
        }
        let booted = report.shown.contains(&Shown::Booted);
        for shown in &report.shown {
            match shown {
                Shown::Sent(label) => self.on_sent(world, label),
                Shown::Crashed => self.add(Fault::Crash),
                Shown::Note(Note::BecameLeader(_)) => self.elections += 1,
                Shown::Note(Note::Truncated { .. }) => self.add(Fault::Truncation),
                Shown::Note(Note::Compacted(_)) => self.add(Fault::Compaction),
                Shown::Note(Note::Installed(_)) => self.add(Fault::Install),
                Shown::Note(Note::SnapshotSent { .. }) => self.snapshots += 1,
                Shown::Restored(_) if booted => self.add(Fault::Reload),
                _ => {}
            }
        }
    }

    fn on_sent(&mut self, world: &World, label: &Label) {
        match label.end {
            End::Cut => self.add(Fault::Cut),
            End::Lost => self.add(Fault::Loss),
            End::Arrives | End::Held => {}
        }
        if !is_request(label.shape) || label.twin {
            return;
        }
        self.requests += 1;
        if self.weigh {
            let packet = world.packets().find(|packet| packet.label.id == label.id);
            match packet.map(|packet| &packet.wire) {
                Some(Wire::Peer(message)) => self.bytes += encoded_len(message),
                _ => self.unweighed += 1,
            }
        }
    }
}
