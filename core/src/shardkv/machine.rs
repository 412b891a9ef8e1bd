//! The state of a group, driven by its log.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use serde::{Deserialize, Serialize};

use super::command::{Command, Install, Installed, Reply};
use super::holding::{Holding, ShardSet, Status};
use super::pieces::{Piece, split};
use super::route::{Routing, shard_of};
use super::rules::{self, Rules, place};
use crate::controller::{Config, Controller};
use crate::id::{ClientId, ConfigNumber, Gid, MutantId, Serial, ShardId};
use crate::kv;
use crate::machine::{Call, Composition, Machine, Seat, encoded_len, varint_len};
use crate::sorted::Sorted;

/// How a group is set up. All groups of a store agree in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// How many shards there are, from 1 to 64.
    pub shards: u16,
    /// How keys are divided among them.
    pub routing: Routing,
    /// How many sessions each shard remembers.
    pub sessions: u32,
    /// Shards travel in pieces of at most half so many bytes; none: each in one piece.
    pub piece_limit: Option<u64>,
    /// While shards move, the whole group serves nobody: to show what that costs.
    pub pause_all: bool,
}

/// A group of the sharded store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ShardKv {
    gid: Gid,
    settings: Settings,
    /// The configuration that the group has come to.
    config: Config,
    /// What it has of each shard, by number.
    holdings: Arc<Vec<Holding>>,
    /// Calls whose refusal counts as their outcome: none, by the sound rules.
    refused: Arc<Sorted<ClientId, Serial>>,
    /// Shards that are frozen.
    #[serde(skip)]
    frozen: ShardSet,
    /// Shards that are awaited.
    #[serde(skip)]
    awaited: ShardSet,
    /// Bytes of the group's number, the settings and the configuration.
    #[serde(skip)]
    head: u64,
    #[serde(skip)]
    seat: Seat,
}

impl ShardKv {
    /// A group before the first configuration: it has nothing.
    pub fn new(gid: Gid, settings: Settings) -> Self {
        let shards = settings.shards.clamp(1, ShardSet::LIMIT);
        let settings = Settings { shards, sessions: settings.sessions.max(1), ..settings };
        let config = Controller::new(shards).latest().clone();
        let head = encoded_len(&gid) + encoded_len(&settings) + encoded_len(&config);
        Self {
            gid,
            settings,
            config,
            holdings: Arc::new((0..shards).map(|_| Holding::Absent).collect()),
            refused: Arc::default(),
            frozen: ShardSet::default(),
            awaited: ShardSet::default(),
            head,
            seat: Seat::default(),
        }
    }

    /// Its number.
    pub const fn gid(&self) -> Gid {
        self.gid
    }

    /// How it is set up.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The configuration that it has come to.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What it has of a shard; none if there is no such shard.
    pub fn holding(&self, shard: ShardId) -> Option<&Holding> {
        self.holdings.get(usize::from(shard.0))
    }

    /// What it has of each shard.
    pub fn holdings(&self) -> impl Iterator<Item = (ShardId, &Holding)> {
        (0..).map(ShardId).zip(self.holdings.iter())
    }

    /// The shards that it must hand over.
    pub const fn frozen(&self) -> ShardSet {
        self.frozen
    }

    /// The shards that it must get.
    pub const fn awaited(&self) -> ShardSet {
        self.awaited
    }

    /// Whether shards must be handed over or got before the next configuration.
    pub const fn is_unfinished(&self) -> bool {
        !self.frozen.is_empty() || !self.awaited.is_empty()
    }

    /// The shard of a key.
    pub fn shard_of(&self, key: &str) -> ShardId {
        shard_of(key, self.settings.shards, self.settings.routing)
    }

    /// A frozen shard in pieces, as it must be pushed; none if the shard is not frozen.
    pub fn pieces(&self, shard: ShardId) -> Vec<Arc<Piece>> {
        match self.holding(shard) {
            Some(Holding::Frozen { data, .. }) => split(data, self.settings.piece_limit),
            _ => Vec::new(),
        }
    }

    /// Whether calls on a shard are executed now.
    pub fn serves(&self, shard: ShardId) -> bool {
        let paused = (self.rules().pauses)(self.settings.pause_all) && self.is_unfinished();
        let serves = |holding: &Holding| (self.rules().serves)(holding.status());
        !paused && self.holding(shard).is_some_and(serves)
    }

    const fn rules(&self) -> &'static Rules {
        rules::of(self.seat.mutant)
    }

    const fn wrong_group(&self) -> Reply {
        Reply::WrongGroup { config: self.config.number }
    }

    /// Changes what the group has of a shard.
    fn change(&mut self, shard: ShardId, change: impl FnOnce(Holding) -> Holding) {
        let holdings = Arc::make_mut(&mut self.holdings);
        if let Some(holding) = holdings.get_mut(usize::from(shard.0)) {
            *holding = change(mem::replace(holding, Holding::Absent));
            self.frozen.set(shard, holding.status() == Status::Frozen);
            self.awaited.set(shard, holding.status() == Status::Awaiting);
        }
    }

    fn on_call(&mut self, call: &Call<kv::Command>) -> Reply {
        let Call { client, serial, .. } = call;
        let shard = self.shard_of(call.command.key());
        let refused = self.refused.get(client) == Some(serial);
        if (self.rules().executes)(self.serves(shard)) && !refused {
            let holdings = Arc::make_mut(&mut self.holdings);
            let data = holdings.get_mut(usize::from(shard.0)).and_then(Holding::data_mut);
            if let Some(data) = data {
                return Reply::Client(data.apply(call));
            }
        }
        if (self.rules().remembers_refusals)() {
            self.remember_refusal(*client, *serial);
        }
        self.wrong_group()
    }

    fn remember_refusal(&mut self, client: ClientId, serial: Serial) {
        let refused = Arc::make_mut(&mut self.refused);
        refused.insert(client, serial);
        let lowest = refused.iter().next().map(|(client, _)| *client);
        if refused.len() as u64 > u64::from(self.settings.sessions)
            && let Some(lowest) = lowest
        {
            refused.remove(&lowest);
        }
    }

    fn on_configure(&mut self, config: &Config) -> bool {
        let rules = self.rules();
        let count = self.holdings.len();
        let due = (rules.follows)(self.config.number, config.number)
            && (rules.goes_on)(self.is_unfinished())
            && config.shards.len() == count
            && config.holders.len() == count;
        if due {
            let parts = config.shards.iter().zip(config.holders.iter());
            for (shard, (owner, holder)) in (0..).map(ShardId).zip(parts) {
                let place = place(self.gid, *owner, *holder);
                let sessions = self.settings.sessions;
                self.change(shard, |holding| holding.after(place, config.number, sessions));
            }
            self.head = self.head - encoded_len(&self.config) + encoded_len(config);
            self.config = config.clone();
        }
        due
    }

    /// What is said to a piece without taking it in; none if it must be taken in.
    fn answer(&self, install: &Install) -> Option<Installed> {
        let own = self.config.number;
        let not_yet = Installed::NotYet { config: own };
        if own != install.config {
            return Some(if own < install.config { not_yet } else { Installed::Done });
        }
        match self.holding(install.shard) {
            Some(Holding::Awaiting { next, .. }) if *next == install.index => None,
            Some(Holding::Awaiting { next, .. }) => Some(Installed::Next(*next)),
            Some(Holding::Serving(_)) if (self.rules().takes_again)() => None,
            Some(Holding::Serving(_)) => Some(Installed::Done),
            // The sender has another idea of this configuration: nothing is claimed.
            _ => Some(not_yet),
        }
    }

    fn on_install(&mut self, install: &Install) -> Installed {
        if let Some(answer) = self.answer(install) {
            return answer;
        }
        let with_sessions = (self.rules().brings_sessions)();
        let next = install.index.saturating_add(1);
        let last = next >= install.of;
        self.change(install.shard, |mut holding| {
            if let Some(data) = holding.data_mut() {
                install.piece.pour(data, with_sessions);
            }
            match holding {
                Holding::Awaiting { data, .. } if last => Holding::Serving(data),
                Holding::Awaiting { from, config, data, .. } => {
                    Holding::Awaiting { from, config, next, data }
                }
                other => other,
            }
        });
        if last { Installed::Done } else { Installed::Next(next) }
    }

    fn on_delete(&mut self, config: ConfigNumber, shard: ShardId) -> bool {
        let kept_since = match self.holding(shard) {
            None | Some(Holding::Absent) => return false,
            Some(Holding::Frozen { config, .. }) => Some(*config),
            Some(_) => None,
        };
        let deletes = (self.rules().deletes)(kept_since, config);
        if deletes {
            self.change(shard, |_| Holding::Absent);
        }
        deletes
    }

    /// What need not go into the log: a call on a shard that is not served, and a piece that is
    /// here. The first is refused at no loss, since nothing remembers it; the second stays true
    /// whatever follows.
    fn known(&self, command: &Command) -> Option<Reply> {
        match command {
            Command::Client(call) => {
                let serves = self.serves(self.shard_of(call.command.key()));
                (!serves).then(|| self.wrong_group())
            }
            Command::Install(install) => match self.answer(install)? {
                Installed::NotYet { .. } => None,
                answer => Some(Reply::Install(answer)),
            },
            Command::Configure(_) | Command::Delete { .. } => None,
        }
    }
}

impl Machine for ShardKv {
    type Command = Command;
    type Reply = Reply;

    fn apply(&mut self, command: &Command) -> Reply {
        match command {
            Command::Client(call) => self.on_call(call),
            Command::Configure(config) => Reply::Configured(self.on_configure(config)),
            Command::Install(install) => Reply::Install(self.on_install(install)),
            Command::Delete { config, shard } => Reply::Deleted(self.on_delete(*config, *shard)),
        }
    }

    fn read(&self, command: &Command) -> Option<Reply> {
        let Command::Client(call) = command else { return None };
        let kv::Command::Get { key } = &call.command else { return None };
        let shard = self.shard_of(key);
        let data = self.holding(shard).and_then(Holding::data).filter(|_| self.serves(shard));
        data.map_or_else(|| Some(self.wrong_group()), |data| data.read(call).map(Reply::Client))
    }

    fn bytes(&self) -> u64 {
        self.head
            + varint_len(self.holdings.len() as u64)
            + self.holdings.iter().map(Holding::bytes).sum::<u64>()
            + encoded_len(&self.refused)
    }

    fn enter(&mut self, seat: Seat) {
        self.seat = seat;
    }

    fn composition(mutant: MutantId) -> Composition<Self> {
        let sound = Composition { known: Self::known, ..Composition::PLAIN };
        match mutant {
            MutantId::K13 => Composition { install: thaw, ..sound },
            // What is refused at the door never comes to be remembered.
            MutantId::K14 => Composition::PLAIN,
            _ => sound,
        }
    }
}

/// Takes a snapshot for the state of a group that was never interrupted: what it holds, it serves.
fn thaw(state: &mut ShardKv, snapshot: ShardKv) {
    *state = snapshot;
    for shard in state.frozen.iter() {
        state.change(shard, |holding| match holding {
            Holding::Frozen { data, .. } => Holding::Serving(data),
            other => other,
        });
    }
}
