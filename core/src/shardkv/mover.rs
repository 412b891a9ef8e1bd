//! What the leader of a group does besides serving: it asks for configurations, and hands over
//! what the group gave away.
//!
//! All of it follows from the machine's state, which every replica has. What is kept here are
//! conversations only: a new leader begins its own and goes on where the log stands. Proposals and
//! messages may be lost, repeated or late; none does harm.

mod moves;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use super::command::{Command, Install, Installed};
use super::holding::ShardSet;
use super::pieces::Piece;
use super::rules::{self, Rules};
use super::{Holding, ShardKv};
use crate::clerk::{Course, Patience, Pursuit};
use crate::id::{ConfigNumber, Gid, Incarnation, MutantId, NodeId, ShardId};
use crate::rng::Rng;
use crate::sorted::Sorted;
use crate::time::{Alarm, Duration, Instant, Why};

pub use moves::{Heard, Move, Moves};

/// The conversations of a group's leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mover {
    gid: Gid,
    /// The tag of the last conversation.
    tag: u64,
    /// How long after an answer without news it asks the controller again.
    poll: Duration,
    patience: Patience,
    rng: Rng,
    mutant: MutantId,
    controller: Pursuit,
    inquiry: Inquiry,
    pushes: Sorted<ShardId, Push>,
    seen: Seen,
}

/// What is being learnt from the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inquiry {
    /// Nothing: another configuration could not be taken now.
    Idle,
    /// It was asked.
    Open { tag: u64 },
    /// It will be asked again.
    Later { at: Instant },
}

/// A shard on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Push {
    config: ConfigNumber,
    pieces: Arc<[Arc<Piece>]>,
    /// The piece that is being sent.
    index: u32,
    tag: u64,
    pursuit: Pursuit,
    /// When the deletion is proposed again; none while the new owner lacks something.
    deletion: Option<Instant>,
}

/// What of the server decides what there is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    leading: bool,
    config: ConfigNumber,
    frozen: ShardSet,
    awaited: ShardSet,
}

impl Seen {
    const fn of(leading: bool, machine: &ShardKv) -> Self {
        let (frozen, awaited) = (machine.frozen(), machine.awaited());
        Self { leading, config: machine.config().number, frozen, awaited }
    }
}

impl Push {
    fn due(&self) -> Instant {
        self.deletion.unwrap_or(self.pursuit.due())
    }
}

impl Mover {
    /// The mover of a server of group `gid` in its `incarnation`-th life, which asks the
    /// `controller`'s servers every `poll`.
    pub fn new(
        gid: Gid,
        incarnation: Incarnation,
        controller: Arc<[NodeId]>,
        poll: Duration,
        patience: Patience,
        mut rng: Rng,
        mutant: MutantId,
    ) -> Self {
        Self {
            gid,
            // An answer to an earlier life is none to this one.
            tag: u64::from(incarnation.0) << 32,
            poll: poll.max(Duration::from_micros(1)),
            patience,
            controller: Pursuit::new(controller, &mut rng),
            rng,
            mutant,
            inquiry: Inquiry::Idle,
            pushes: Sorted::default(),
            seen: Seen::default(),
        }
    }

    /// The group that it works for.
    pub const fn gid(&self) -> Gid {
        self.gid
    }

    /// When it wants to be woken.
    pub fn alarm(&self) -> Option<Alarm> {
        let inquiry = match self.inquiry {
            Inquiry::Idle => None,
            Inquiry::Open { .. } => Some(Alarm { at: self.controller.due(), why: Why::Retry }),
            Inquiry::Later { at } => Some(Alarm { at, why: Why::Poll }),
        };
        let pushes = self.pushes.iter().map(|(_, push)| push.due()).min();
        Alarm::earlier(inquiry, pushes.map(|at| Alarm { at, why: Why::Retry }))
    }

    /// The shards that it is pushing, and how many pieces the new owner has of how many.
    pub fn pushes(&self) -> impl Iterator<Item = (ShardId, u32, u32)> {
        self.pushes.iter().map(|(shard, push)| (*shard, push.index, push.pieces.len() as u32))
    }

    const fn rules(&self) -> &'static Rules {
        rules::of(self.mutant)
    }

    const fn next_tag(&mut self) -> u64 {
        self.tag = self.tag.wrapping_add(1);
        self.tag
    }

    /// Something happened to the server: begins what there is to do, and ends what is over.
    pub fn look(&mut self, now: Instant, leading: bool, machine: &ShardKv, out: &mut Moves) {
        let seen = Seen::of(leading, machine);
        if seen == self.seen {
            return;
        }
        let before = mem::replace(&mut self.seen, seen);
        if !leading {
            self.inquiry = Inquiry::Idle;
            self.pushes = Sorted::default();
            return;
        }
        if !(self.rules().goes_on)(machine.is_unfinished()) {
            self.inquiry = Inquiry::Idle;
        } else if self.inquiry == Inquiry::Idle || before.config != seen.config {
            self.inquire(now, out);
        }
        let is_over = |shard: &ShardId, push: &Push| match machine.holding(*shard) {
            Some(Holding::Frozen { config, .. }) => push.config != *config,
            _ => true,
        };
        let over = self.pushes.iter().filter(|(shard, push)| is_over(shard, push));
        let over: Vec<ShardId> = over.map(|(shard, _)| *shard).collect();
        for shard in over {
            self.pushes.remove(&shard);
        }
        let gives = (self.rules().gives)(!seen.awaited.is_empty());
        let witnessed = before.leading && before.config < seen.config;
        if gives && (self.rules().takes_up)(witnessed) {
            for shard in seen.frozen.iter() {
                self.begin(now, shard, machine, out);
            }
        }
    }

    /// The alarm's time has come.
    pub fn wake(&mut self, now: Instant, leading: bool, machine: &ShardKv, out: &mut Moves) {
        self.look(now, leading, machine, out);
        match self.inquiry {
            Inquiry::Open { tag } if self.controller.due() <= now => {
                self.controller.miss();
                self.ask(now, tag, out);
            }
            Inquiry::Later { at } if at <= now => self.inquire(now, out),
            _ => {}
        }
        let due = self.pushes.iter().filter(|(_, push)| push.due() <= now);
        let due: Vec<ShardId> = due.map(|(shard, _)| *shard).collect();
        for shard in due {
            let Some(push) = self.pushes.get_mut(&shard) else { continue };
            if push.deletion.is_some() {
                self.delete(now, shard, out);
            } else {
                push.pursuit.miss();
                self.send(now, shard, out);
            }
        }
    }

    /// An answer has arrived, to the message that carried `tag`.
    #[expect(clippy::too_many_arguments, reason = "who said what and when, and how the server is")]
    pub fn receive(
        &mut self,
        now: Instant,
        from: NodeId,
        tag: u64,
        heard: Heard,
        leading: bool,
        machine: &ShardKv,
        out: &mut Moves,
    ) {
        self.look(now, leading, machine, out);
        if self.inquiry == (Inquiry::Open { tag }) {
            return self.on_controller(now, from, heard, machine, out);
        }
        let asked = |push: &Push| push.tag == tag && push.deletion.is_none();
        let of = self.pushes.iter().find(|(_, push)| asked(push)).map(|(shard, _)| *shard);
        if let Some(shard) = of {
            self.on_owner(now, from, shard, heard, out);
        }
    }

    fn on_controller(
        &mut self,
        now: Instant,
        from: NodeId,
        heard: Heard,
        machine: &ShardKv,
        out: &mut Moves,
    ) {
        match heard {
            Heard::Config(config) => {
                let news = (self.rules().follows)(machine.config().number, config.number);
                // If the proposal is lost, nothing changes, and the question is asked once more.
                let pause = if news { self.patience.attempt } else { self.poll };
                let at = now + pause.max(Duration::from_micros(1));
                self.inquiry = Inquiry::Later { at };
                if news {
                    out.push(Move::Propose(Command::Configure(config)));
                }
            }
            Heard::Refused(refusal) => {
                let Self { controller, patience, rng, .. } = self;
                if controller.refused(now, from, refusal, patience, rng) == Course::Ask
                    && let Inquiry::Open { tag } = self.inquiry
                {
                    self.ask(now, tag, out);
                }
            }
            Heard::Install(_) => {}
        }
    }

    fn on_owner(
        &mut self,
        now: Instant,
        from: NodeId,
        shard: ShardId,
        heard: Heard,
        out: &mut Moves,
    ) {
        let Self { pushes, patience, rng, .. } = self;
        let Some(push) = pushes.get_mut(&shard) else { return };
        match heard {
            Heard::Install(Installed::Done) => self.delete(now, shard, out),
            Heard::Install(Installed::Next(next))
                if next != push.index && (next as usize) < push.pieces.len() =>
            {
                push.index = next;
                push.pursuit.begin(now);
                let tag = self.next_tag();
                if let Some(push) = self.pushes.get_mut(&shard) {
                    push.tag = tag;
                }
                self.send(now, shard, out);
            }
            Heard::Install(_) if push.pursuit.asks(from) => {
                // A server that is behind may be the only one: the next time another is asked.
                push.pursuit.turn();
                push.pursuit.rest(now, patience, rng);
            }
            Heard::Refused(refusal) => {
                if push.pursuit.refused(now, from, refusal, patience, rng) == Course::Ask {
                    self.send(now, shard, out);
                }
            }
            Heard::Install(_) | Heard::Config(_) => {}
        }
    }

    fn inquire(&mut self, now: Instant, out: &mut Moves) {
        self.controller.begin(now);
        let tag = self.next_tag();
        self.inquiry = Inquiry::Open { tag };
        self.ask(now, tag, out);
    }

    fn ask(&mut self, now: Instant, tag: u64, out: &mut Moves) {
        self.controller.asked(now, &self.patience);
        let query = (self.rules().asks_for)(self.seen.config);
        if let Some(to) = self.controller.target() {
            out.push(Move::Ask { to, tag, query });
        }
    }

    /// Begins to push a shard, unless it is on its way.
    fn begin(&mut self, now: Instant, shard: ShardId, machine: &ShardKv, out: &mut Moves) {
        let Some(Holding::Frozen { to, config, .. }) = machine.holding(shard) else { return };
        let Some(servers) = machine.config().groups.get(to) else { return };
        if self.pushes.contains_key(&shard) {
            return;
        }
        let mut pursuit = Pursuit::new(servers.clone(), &mut self.rng);
        pursuit.begin(now);
        let (tag, pieces) = (self.next_tag(), machine.pieces(shard).into());
        let push = Push { config: *config, pieces, index: 0, tag, pursuit, deletion: None };
        self.pushes.insert(shard, push);
        self.send(now, shard, out);
    }

    fn send(&mut self, now: Instant, shard: ShardId, out: &mut Moves) {
        let rules = self.rules();
        let Some(push) = self.pushes.get_mut(&shard) else { return };
        push.pursuit.asked(now, &self.patience);
        let Some(piece) = push.pieces.get(push.index as usize) else { return };
        let (config, index, of) = (push.config, push.index, push.pieces.len() as u32);
        if let Some(to) = push.pursuit.target() {
            let install = Install { config, shard, index, of, piece: piece.clone() };
            out.push(Move::Push { to, tag: push.tag, install });
        }
        if index + 1 == of && (rules.lets_go)(false) {
            self.delete(now, shard, out);
        }
    }

    /// Proposes that the copy goes. It is proposed again if that comes to nothing.
    fn delete(&mut self, now: Instant, shard: ShardId, out: &mut Moves) {
        let Some(push) = self.pushes.get_mut(&shard) else { return };
        let pause = self.patience.attempt.max(Duration::from_micros(1));
        push.deletion = Some(now + pause);
        out.push(Move::Propose(Command::Delete { config: push.config, shard }));
    }
}
