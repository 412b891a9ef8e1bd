//! The decisions of a sharded group that safety and progress rest on, in a table as those of the
//! protocol.
//!
//! The names in brackets are those of the invariants that a decision keeps.

mod mutants;

use super::holding::Status;
use crate::id::{ConfigNumber, Gid};

pub use mutants::of;

/// The decisions of a group and of its mover.
pub struct Rules {
    /// Whether a configuration comes next after the present one.
    pub follows: fn(own: ConfigNumber, next: ConfigNumber) -> bool,
    /// Whether a group goes on to the next configuration.
    pub goes_on: fn(unfinished: bool) -> bool,
    /// Whether calls are executed on a shard.
    pub serves: fn(status: Status) -> bool,
    /// Whether a call that has come through the log is executed.
    pub executes: fn(serves: bool) -> bool,
    /// Whether a group that moves shards refuses every call.
    pub pauses: fn(chosen: bool) -> bool,
    /// Whether a shard's sessions come with it.
    pub brings_sessions: fn() -> bool,
    /// Whether a piece that comes for a shard which is served is taken in once more.
    pub takes_again: fn() -> bool,
    /// Whether a copy is deleted: `kept_since` is the configuration that froze it, if one did.
    pub deletes: fn(kept_since: Option<ConfigNumber>, named: ConfigNumber) -> bool,
    /// Whether a refusal is remembered as if it were the outcome of the call.
    pub remembers_refusals: fn() -> bool,
    /// Which configuration a group asks for; none for the latest.
    pub asks_for: fn(own: ConfigNumber) -> Option<ConfigNumber>,
    /// Whether a group gives shards away.
    pub gives: fn(awaits: bool) -> bool,
    /// Whether a leader pushes a frozen shard: `witnessed` if it led when the shard froze.
    pub takes_up: fn(witnessed: bool) -> bool,
    /// Whether the copy of a shard that was sent may go.
    pub lets_go: fn(acknowledged: bool) -> bool,
}

/// The decisions as they should be.
pub const SOUND: Rules = Rules {
    follows,
    goes_on,
    serves,
    executes,
    pauses,
    brings_sessions,
    takes_again,
    deletes,
    remembers_refusals,
    asks_for,
    gives,
    takes_up,
    lets_go,
};

/// Whether a configuration comes next after the present one (KI-2): only the one right after it.
/// Whoever leaves one out does not know that in between a shard was somebody else's.
pub fn follows(own: ConfigNumber, next: ConfigNumber) -> bool {
    next.0.checked_sub(1) == Some(own.0)
}

/// Whether a group goes on to the next configuration (KI-2, KI-8): once no shard is frozen or
/// awaited any more. So at most two configurations have to do with a shard at any time.
pub const fn goes_on(unfinished: bool) -> bool {
    !unfinished
}

/// Whether calls are executed on a shard (KI-1, KI-3): if all of it is here and nobody else can
/// have it.
pub fn serves(status: Status) -> bool {
    status == Status::Serving
}

/// Whether a call that has come through the log is executed (KI-1): if the shard is served where
/// the call stands in the log. That it was served when the call was proposed proves nothing, for a
/// configuration may stand between.
pub const fn executes(serves: bool) -> bool {
    serves
}

/// Whether a group that moves shards refuses every call (KI-9): no, unless the run wants to see
/// what that costs. Shards that do not move have nothing to wait for.
pub const fn pauses(chosen: bool) -> bool {
    chosen
}

/// Whether a shard's sessions come with it (KI-5): always, or a retry would be executed again at
/// the new owner.
pub const fn brings_sessions() -> bool {
    true
}

/// Whether a piece that comes for a shard which is served is taken in once more (KI-7): never, for
/// it would undo what was written since.
pub const fn takes_again() -> bool {
    false
}

/// Whether a copy is deleted (KI-6): the one that the named configuration froze. A late command
/// must not hit the shard after it has come back.
pub fn deletes(kept_since: Option<ConfigNumber>, named: ConfigNumber) -> bool {
    kept_since == Some(named)
}

/// Whether a refusal is remembered as if it were the outcome of the call (KI-10): never. The same
/// call may be executed elsewhere, or here later.
pub const fn remembers_refusals() -> bool {
    false
}

/// Which configuration a group asks for (KI-2): the next one, even if there are later ones.
pub const fn asks_for(own: ConfigNumber) -> Option<ConfigNumber> {
    Some(own.next())
}

/// Whether a group gives shards away (KI-12): at once, even if it awaits others itself. Two groups
/// that exchange shards would wait for each other for ever.
pub const fn gives(_awaits: bool) -> bool {
    true
}

/// Whether a leader pushes a frozen shard: always. What is to be done follows from the state, so
/// that it is not lost with the leader that began it.
pub const fn takes_up(_witnessed: bool) -> bool {
    true
}

/// Whether the copy of a shard that was sent may go (KI-4, KI-6): once the new owner has said that
/// it is in its log.
pub const fn lets_go(acknowledged: bool) -> bool {
    acknowledged
}

/// Where a shard is to be under a configuration, as one group sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Here, and it was never anywhere.
    New,
    /// Here, where it was already.
    Kept,
    /// Here, and another group has its data.
    From(Gid),
    /// In another group.
    Elsewhere(Gid),
    /// Nowhere: nobody owns it.
    Nowhere,
}

/// Where a shard is to be, as the group `gid` sees it (KI-3): only a shard that was never owned
/// begins empty, and what another group held last must come from there.
pub fn place(gid: Gid, owner: Gid, holder: Gid) -> Place {
    match (owner, holder) {
        (Gid(0), _) => Place::Nowhere,
        (owner, _) if owner != gid => Place::Elsewhere(owner),
        (_, Gid(0)) => Place::New,
        (_, holder) if holder == gid => Place::Kept,
        (_, holder) => Place::From(holder),
    }
}
