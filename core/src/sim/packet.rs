//! A message on its way.

use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::queue::Place;
use super::store::{self, StoreWire};
use crate::id::{NodeId, Slot, Term};
use crate::raft::message::{Message, Outcome};
use crate::server::Wire;
use crate::time::Instant;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// Asks whether an election could be won.
    PreVote,
    /// Asks for a vote.
    Vote,
    /// Answers the former.
    PreVoteReply,
    /// Answers the latter.
    VoteReply,
    /// Carries log entries.
    Append,
    /// Carries none: a leader's sign of life, or the question behind a read.
    Heartbeat,
    /// Answers either.
    AppendReply,
    /// Carries a snapshot.
    Snapshot,
    /// Answers it.
    SnapshotReply,
    /// Tells a follower to take over.
    TimeoutNow,
    /// A client's request.
    Request,
    /// A server's answer to a client.
    Response,
}

/// How a message's way ends, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// It arrives.
    Arrives,
    /// The network loses it.
    Lost,
    /// Its link is cut.
    Cut,
    /// A rule or a hand holds it back until it is released.
    Held,
}

/// What is known of a message without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Unique in the run.
    pub id: u64,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// What it is.
    pub shape: Shape,
    /// How many entries an append carries.
    pub entries: u32,
    /// The term that it speaks of; 0 for clients' messages.
    pub term: Term,
    /// An answer that says yes or no.
    pub agrees: Option<bool>,
    /// When it was sent.
    pub sent: Instant,
    /// When it arrives, or would have arrived.
    pub arrives: Instant,
    /// How its way ends.
    pub end: End,
    /// It is a copy.
    pub twin: bool,
    /// It takes longer than the network's latency.
    pub delayed: bool,
    /// It keeps up an office: a heartbeat, or the acknowledgement of one.
    pub beat: bool,
}

/// What is decided when a message is sent, in few words: a digest waits for each. All else follows
/// from the message itself, the step and the number, which the digest of a run takes in as well.
impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, from, to, shape, agrees, arrives, end, twin, delayed, .. } = *self;
        let agrees = agrees.map_or(2, u8::from);
        let flags = agrees | (end as u8) << 2 | u8::from(twin) << 4 | u8::from(delayed) << 5;
        let [from, to] = [from.0, to.0].map(u64::from);
        state.write_u64(from << 48 | to << 32 | u64::from(shape as u8) << 8 | u64::from(flags));
        (id, arrives).hash(state);
    }
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// What is known of it.
    pub label: Label,
    /// The message.
    pub wire: StoreWire,
    /// Where its arrival stands in the queue; none while it is held.
    pub(super) place: Option<Place>,
}

/// What a message is, how many entries it carries, its term, and whether it says yes.
pub(super) fn describe(wire: &StoreWire) -> (Shape, u32, Term, Option<bool>) {
    match wire {
        Wire::Request(_) => (Shape::Request, 0, Term(0), None),
        Wire::Response(response) => (Shape::Response, 0, Term(0), Some(response.result.is_ok())),
        Wire::Peer(message) => {
            let (shape, entries, agrees) = describe_peer(message);
            (shape, entries, message.term(), agrees)
        }
    }
}

fn describe_peer(message: &Message<store::Machine>) -> (Shape, u32, Option<bool>) {
    match message {
        Message::Vote { pre: true, .. } => (Shape::PreVote, 0, None),
        Message::Vote { .. } => (Shape::Vote, 0, None),
        Message::VoteReply { pre: true, granted, .. } => (Shape::PreVoteReply, 0, Some(*granted)),
        Message::VoteReply { granted, .. } => (Shape::VoteReply, 0, Some(*granted)),
        Message::Append { entries, .. } if entries.is_empty() => (Shape::Heartbeat, 0, None),
        Message::Append { entries, .. } => (Shape::Append, entries.len() as u32, None),
        Message::AppendReply { outcome, .. } => {
            (Shape::AppendReply, 0, Some(matches!(outcome, Outcome::Matched(_))))
        }
        Message::Snapshot { .. } => (Shape::Snapshot, 0, None),
        Message::SnapshotReply { .. } => (Shape::SnapshotReply, 0, Some(true)),
        Message::TimeoutNow { .. } => (Shape::TimeoutNow, 0, None),
    }
}

/// Up to where a message says that the sender's disk has the receiver's log; 0: it says nothing.
pub(super) const fn vouches(wire: &StoreWire) -> Slot {
    match wire {
        Wire::Peer(
            Message::AppendReply { outcome: Outcome::Matched(slot), .. }
            | Message::SnapshotReply { matched: slot, .. },
        ) => *slot,
        _ => Slot(0),
    }
}

/// The packets on their way, found by a small number that the queue can carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packets {
    slots: alloc::vec::Vec<Option<Packet>>,
    free: alloc::vec::Vec<u32>,
    /// How many have no place in the queue.
    held: usize,
    next: u64,
}

impl Packets {
    /// The next packet's number in the run.
    pub(super) const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// How many are on their way.
    pub(super) const fn flying(&self) -> usize {
        self.slots.len() - self.free.len() - self.held
    }

    /// How many are held back.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// Holds a packet back, or lets it go: then its arrival has this place in the queue.
    pub(super) fn set_place(&mut self, slot: u32, place: Option<Place>) {
        let Some(packet) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        let (was, is) = (packet.place.is_none(), place.is_none());
        packet.place = place;
        packet.label.end = if is { End::Held } else { End::Arrives };
        self.held = self.held + usize::from(is) - usize::from(was);
        if let Some(place) = place {
            packet.label.arrives = place.at;
        }
    }

    /// Where the packets that are held back are kept.
    pub(super) fn held_slots(&self) -> alloc::vec::Vec<u32> {
        let held = |slot: &Option<Packet>| slot.as_ref().is_some_and(|p| p.place.is_none());
        (0..).zip(&self.slots).filter(|(_, slot)| held(slot)).map(|(index, _)| index).collect()
    }

    /// Where the next packet will be kept.
    pub(super) fn vacant(&self) -> u32 {
        self.free.last().copied().unwrap_or(self.slots.len() as u32)
    }

    /// Keeps a packet at the vacant place.
    pub(super) fn insert(&mut self, packet: Packet) {
        self.held += usize::from(packet.place.is_none());
        match self.free.pop() {
            Some(slot) => self.slots[slot as usize] = Some(packet),
            None => self.slots.push(Some(packet)),
        }
    }

    /// Takes a packet out.
    // Neither in line nor opened and wrapped anew: both would copy it once more.
    #[inline(never)]
    pub(super) fn take(&mut self, slot: u32) -> Option<Packet> {
        let packet = self.slots.get_mut(slot as usize).and_then(Option::take);
        if let Some(packet) = &packet {
            self.held -= usize::from(packet.place.is_none());
            self.free.push(slot);
        }
        packet
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Packet> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Packet> {
        self.slots.iter().flatten()
    }

    /// Where a packet is kept.
    pub(super) fn find(&self, id: u64) -> Option<u32> {
        let is = |slot: &Option<Packet>| slot.as_ref().is_some_and(|packet| packet.label.id == id);
        self.slots.iter().position(is).map(|slot| slot as u32)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Packet> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }
}
