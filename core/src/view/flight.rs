//! Messages in the air: the part of the picture that moves.

use alloc::string::String;

use crate::id::{NodeId, Term};
use crate::sim::packet::Shape;
use crate::time::Instant;

/// How a flight ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It will arrive (or has arrived) at `arrives`.
    Arrives,
    /// The network loses it: drawn up to 45 % of the way, where it fades under a cross.
    Lost,
    /// A cut or a rule stops it: drawn as lost.
    Cut,
    /// A rule holds it back: it waits at the middle of its way until it is released.
    Held,
}

/// One message in the air at a moment.
///
/// Its place on the way is `(now - sent) / (arrives - sent)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Unique in the run; a twin has its own.
    pub id: u64,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// What it is.
    pub shape: Shape,
    /// How many entries an append carries.
    pub entries: u32,
    /// The term that it speaks of; none for clients' messages.
    pub term: Option<Term>,
    /// An answer that says yes; none where there is no yes or no.
    pub agrees: Option<bool>,
    /// When it was sent, in global time.
    pub sent: Instant,
    /// When it arrives, or would have arrived.
    pub arrives: Instant,
    /// How the flight ends.
    pub fate: Fate,
    /// It is a copy of another message.
    pub twin: bool,
    /// A rule made it slower than the network would have.
    pub delayed: bool,
    /// A heartbeat, or the acknowledgement of one.
    pub beat: bool,
    /// In words: `append 2 entries after 4@2, term 3`.
    pub words: String,
}
