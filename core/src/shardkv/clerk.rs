//! A client of the sharded store: it finds the group that owns a key's shard, and its leader,
//! retries under the same number wherever the shard goes, and never gives up.
//!
//! It has one session id at a time, which it uses at every shard and at the controller alike. That
//! is safe: each of them has a table of its own, a clerk has one call open at a time, and its
//! numbers grow from call to call, so each table sees growing numbers with gaps. Questions for the
//! configuration are no calls: they go as reads, which no table remembers, so they need no number.
//! If a table has forgotten the session, the clerk takes an id above that table's floor, and uses
//! it everywhere from then on; nothing is open under the old one.

mod errand;

use alloc::sync::Arc;

use super::Reply;
use super::route::{Routing, shard_of};
use crate::clerk::{Course, Patience, Pursuit, renewed, rules};
use crate::controller::{self, Config};
use crate::id::{ClientId, ConfigNumber, Gid, MutantId, NodeId, Serial};
use crate::machine::{Answer, Call};
use crate::rng::Rng;
use crate::server::{Refusal, Request};
use crate::sorted::Sorted;
use crate::time::{Alarm, Instant, Why};

pub use errand::{Errand, Errands, Heard, Operation, Outcome};

/// A client's side of its sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardClerk {
    routing: Routing,
    /// The latest configuration that it knows.
    config: Option<Config>,
    controller: Pursuit,
    /// Who led last, of the groups that it has asked.
    groups: Sorted<Gid, Pursuit>,
    client: ClientId,
    /// A new session takes the next id of the clerk's own: they lie this far apart.
    stride: u64,
    /// The number of the open or last call with this clerk.
    serial: Serial,
    /// Its number in the session: the same, unless a call was sent under several.
    sent: Serial,
    patience: Patience,
    rng: Rng,
    open: Option<Open>,
    mutant: MutantId,
}

/// The call that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    operation: Operation,
    read: bool,
    attempts: u32,
    stage: Stage,
    /// The group that was asked last.
    asked: Option<Gid>,
}

/// Whose answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The controller's, to the call itself.
    Control,
    /// The controller's, to the question for the configuration. `refused_in` is the configuration
    /// by which a group was asked that does not serve the shard.
    Refresh { refused_in: Option<ConfigNumber> },
    /// This group's.
    Group(Gid),
}

impl ShardClerk {
    /// A clerk that talks to the `controller`'s servers (at least one), and to the groups that they
    /// name, with session ids `client`, `client + stride`, and so on, which no other clerk uses.
    pub fn new(
        controller: Arc<[NodeId]>,
        routing: Routing,
        client: ClientId,
        stride: u64,
        patience: Patience,
        mut rng: Rng,
    ) -> Self {
        Self {
            routing,
            config: None,
            controller: Pursuit::new(controller, &mut rng),
            groups: Sorted::default(),
            client,
            stride: stride.max(1),
            serial: Serial(0),
            sent: Serial(0),
            patience,
            rng,
            open: None,
            mutant: MutantId::Paper,
        }
    }

    /// The same clerk, which takes the decisions that go by a number.
    #[must_use]
    pub const fn with(mut self, mutant: MutantId) -> Self {
        self.mutant = mutant;
        self
    }

    /// Its session.
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// The number of the open or last call.
    pub const fn serial(&self) -> Serial {
        self.serial
    }

    /// Whether a call is open.
    pub const fn is_busy(&self) -> bool {
        self.open.is_some()
    }

    /// How often the open call was sent to a group or, if it is about the configuration, to the
    /// controller.
    pub fn attempts(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.attempts)
    }

    /// Which of the controller's servers it asks or, while it rests, asks next.
    pub fn controller(&self) -> Option<NodeId> {
        self.controller.target()
    }

    /// The latest configuration that it knows.
    pub const fn config(&self) -> Option<&Config> {
        self.config.as_ref()
    }

    /// When it wants to be woken.
    pub fn alarm(&self) -> Option<Alarm> {
        let at = self.pursuit(self.open.as_ref()?.stage)?.due();
        Some(Alarm { at, why: Why::Retry })
    }

    /// Begins a call under the next serial number. One call at a time: while one is open, nothing
    /// happens.
    pub fn call(&mut self, now: Instant, operation: Operation, read: bool, out: &mut Errands) {
        if self.open.is_some() {
            return;
        }
        (self.serial, self.sent) = (self.serial.next(), self.sent.next());
        let is_control = matches!(operation, Operation::Control(_));
        let open = Open { operation, read, attempts: 0, stage: Stage::Control, asked: None };
        self.open = Some(open);
        if is_control {
            self.controller.begin(now);
            self.speak(now, out);
        } else {
            self.route(now, None, out);
        }
    }

    /// An attempt or a rest has ended.
    pub fn wake(&mut self, now: Instant, out: &mut Errands) {
        let Some(stage) = self.open.as_ref().map(|open| open.stage) else { return };
        let Some(pursuit) = self.pursuit_mut(stage).filter(|pursuit| pursuit.due() <= now) else {
            return;
        };
        let all_asked = pursuit.miss();
        match stage {
            // A group where nobody answers may have lost the shard, or have left.
            Stage::Group(_) if all_asked => self.refresh(now, None, out),
            // What is known may still be so, and needs no controller that answers.
            Stage::Refresh { refused_in } if all_asked && self.owner().is_some() => {
                self.route(now, refused_in, out);
            }
            _ => self.speak(now, out),
        }
    }

    /// Something has arrived that carries `tag`. What answers another call than the open one is
    /// dropped.
    pub fn receive(
        &mut self,
        now: Instant,
        from: NodeId,
        tag: u64,
        heard: Heard,
        out: &mut Errands,
    ) {
        let Some(stage) = self.open.as_ref().map(|open| open.stage) else { return };
        if tag != self.tag() {
            return;
        }
        match (stage, heard) {
            (Stage::Control, Heard::Controller(answer)) => {
                self.on_answer(from, answer, Outcome::Control, out);
            }
            // An answer to the call counts whenever it comes: it was executed.
            (Stage::Refresh { .. } | Stage::Group(_), Heard::Group(Reply::Client(answer))) => {
                self.on_answer(from, answer, Outcome::Key, out);
            }
            (
                stage @ (Stage::Refresh { .. } | Stage::Group(_)),
                Heard::Controller(Answer::Done(controller::Reply::Config(config))),
            ) => self.on_config(now, config, stage, out),
            (Stage::Group(gid), Heard::Group(Reply::WrongGroup { .. })) => {
                let pursuit = self.groups.get_mut(&gid);
                if let Some(pursuit) = pursuit.filter(|pursuit| pursuit.asks(from)) {
                    // It may only be a server that is behind: the next time another is asked.
                    pursuit.turn();
                    let known = self.config.as_ref().map(|config| config.number);
                    self.refresh(now, known, out);
                }
            }
            (stage, Heard::Refused(refusal)) => self.on_refusal(now, from, stage, refusal, out),
            _ => {}
        }
    }

    fn on_answer<R>(
        &mut self,
        from: NodeId,
        answer: Answer<R>,
        outcome: fn(R) -> Outcome,
        out: &mut Errands,
    ) {
        let (reply, floor) = match answer {
            Answer::Done(reply) => (Some(outcome(reply)), None),
            // Cannot be: a clerk has one call open. Whoever says so knows a later one.
            Answer::Stale => return,
            Answer::Expired { floor } => (None, Some(floor)),
        };
        self.open = None;
        out.push(Errand::Done { serial: self.serial, by: from, reply });
        if let Some(floor) = floor {
            self.client = renewed(self.client, self.stride, floor);
        }
    }

    fn on_refusal(
        &mut self,
        now: Instant,
        from: NodeId,
        stage: Stage,
        refusal: Refusal,
        out: &mut Errands,
    ) {
        let Self { controller, groups, patience, rng, .. } = self;
        let pursuit = match stage {
            Stage::Control | Stage::Refresh { .. } => Some(controller),
            Stage::Group(gid) => groups.get_mut(&gid),
        };
        let course = pursuit.map(|pursuit| pursuit.refused(now, from, refusal, patience, rng));
        if course == Some(Course::Ask) {
            self.speak(now, out);
        }
    }

    /// The controller's answer to the question for the configuration. Where it is waited for, an
    /// answer without news counts; during a rest, and after the question was answered, only news
    /// does: all else may be a copy, which must neither end a rest nor make it longer.
    fn on_config(&mut self, now: Instant, config: Config, stage: Stage, out: &mut Errands) {
        let known = self.config.as_ref().map(|config| config.number);
        let is_news = known.is_none_or(|known| known < config.number);
        if is_news {
            self.config = Some(config);
        }
        match stage {
            Stage::Refresh { refused_in } if is_news || !self.controller.is_resting() => {
                self.route(now, refused_in, out);
            }
            // What is on its way to the owner already need not be sent again.
            Stage::Group(gid) if is_news && (self.owner() != Some(gid) || self.rests(gid)) => {
                self.route(now, None, out);
            }
            _ => {}
        }
    }

    /// Who has the open call's shard, as far as is known; none: nobody has.
    fn owner(&self) -> Option<Gid> {
        let (config, open) = (self.config.as_ref()?, self.open.as_ref()?);
        let Operation::Key(command) = &open.operation else { return None };
        let shard = shard_of(command.key(), config.shards.len() as u16, self.routing);
        config.owner(shard).filter(|gid| config.groups.contains_key(gid))
    }

    fn rests(&self, gid: Gid) -> bool {
        self.groups.get(&gid).is_some_and(Pursuit::is_resting)
    }

    /// Turns to the group that owns the shard: at once, or after a rest if it was asked under the
    /// configuration `refused_in` and there is no later one. The shard is on its way to it then.
    fn route(&mut self, now: Instant, refused_in: Option<ConfigNumber>, out: &mut Errands) {
        let Some(gid) = self.owner() else { return self.wait_for_an_owner(now, out) };
        let (Some(config), Some(open)) = (&self.config, &mut self.open) else { return };
        let Some(servers) = config.groups.get(&gid) else { return };
        if !self.groups.contains_key(&gid) {
            self.groups.insert(gid, Pursuit::new(servers.clone(), &mut self.rng));
        }
        let Some(pursuit) = self.groups.get_mut(&gid) else { return };
        open.stage = Stage::Group(gid);
        if open.asked.replace(gid) != Some(gid) {
            pursuit.begin(now);
        }
        if refused_in == Some(config.number) {
            pursuit.rest(now, &self.patience, &mut self.rng);
        } else {
            self.speak(now, out);
        }
    }

    /// Nobody owns the shard: asks for the configuration again after a rest.
    fn wait_for_an_owner(&mut self, now: Instant, out: &mut Errands) {
        let Some(open) = &mut self.open else { return };
        if !matches!(open.stage, Stage::Refresh { .. }) {
            self.refresh(now, None, out);
        } else if !self.controller.is_resting() {
            self.controller.rest(now, &self.patience, &mut self.rng);
        }
    }

    /// Asks the controller for the configuration. `refused_in` is the one by which a group was
    /// asked in vain.
    fn refresh(&mut self, now: Instant, refused_in: Option<ConfigNumber>, out: &mut Errands) {
        if let Some(open) = &mut self.open {
            open.stage = Stage::Refresh { refused_in };
            self.controller.begin(now);
            self.speak(now, out);
        }
    }

    /// Sends what the present stage is about to whoever is meant.
    fn speak(&mut self, now: Instant, out: &mut Errands) {
        let tag = self.tag();
        let Some(open) = &mut self.open else { return };
        let refreshes = matches!(open.stage, Stage::Refresh { .. });
        if !refreshes {
            if open.attempts > 0 {
                self.sent = (rules::of(self.mutant).again_as)(self.sent);
            }
            open.attempts += 1;
        }
        let pursuit = match open.stage {
            Stage::Control | Stage::Refresh { .. } => Some(&mut self.controller),
            Stage::Group(gid) => self.groups.get_mut(&gid),
        };
        let Some(pursuit) = pursuit else { return };
        pursuit.asked(now, &self.patience);
        let Some(to) = pursuit.target() else { return };
        let (client, serial) = (self.client, self.sent);
        out.push(match &open.operation {
            _ if refreshes => {
                let command = controller::Command::Query(None);
                // A read: no table sees the number, so it may be one that no call has.
                let command = Call { client, serial: Serial(0), command };
                Errand::Ask { to, request: Request { tag, command, read: true } }
            }
            Operation::Control(command) => {
                let command = Call { client, serial, command: command.clone() };
                Errand::Ask { to, request: Request { tag, command, read: open.read } }
            }
            Operation::Key(command) => {
                let command = Call { client, serial, command: command.clone() };
                Errand::Send { to, request: Request { tag, command, read: open.read } }
            }
        });
    }

    fn pursuit(&self, stage: Stage) -> Option<&Pursuit> {
        match stage {
            Stage::Control | Stage::Refresh { .. } => Some(&self.controller),
            Stage::Group(gid) => self.groups.get(&gid),
        }
    }

    fn pursuit_mut(&mut self, stage: Stage) -> Option<&mut Pursuit> {
        match stage {
            Stage::Control | Stage::Refresh { .. } => Some(&mut self.controller),
            Stage::Group(gid) => self.groups.get_mut(&gid),
        }
    }

    /// Unique among the clerk's calls, whatever its session.
    const fn tag(&self) -> u64 {
        self.serial.0
    }
}
