//! Clients that work by themselves while a row does something else: each has one operation open, or
//! pauses before the next.

use shardscope_core::kv::{Command, Reply, Text};
use shardscope_core::time::{Duration, Instant};

use super::Fallible;
use super::lab::{Lab, demand};

/// What the clients of a crowd do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    /// Each appends to a key of its own.
    Append,
    /// Each takes one of so many keys at random: half are appends, one in twenty puts, the rest
    /// reads.
    Mix(u64),
    /// Each sets a key of its own to the hash of what it was, and reads it, in turn.
    Hash,
}

/// The crowd. Nobody, until a row calls one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crowd {
    users: Vec<User>,
    /// They begin nothing more.
    leaving: bool,
}

/// A client, and what it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct User {
    /// Which client.
    index: usize,
    habit: Habit,
    /// Between a return and the next call.
    pause: Duration,
    /// What its own key holds.
    value: String,
    /// Its operations so far.
    begun: u64,
    open: Option<Command>,
    /// When it begins the next one, if none is open.
    next: Instant,
}

/// The key of a number. Its first digit, and with it the shard, goes round with the number.
pub(crate) fn key(number: u64) -> String {
    match number / 10 {
        0 => format!("{number}"),
        tens => format!("{}-{tens}", number % 10),
    }
}

/// The value that [`Command::PutHash`] makes of another one: FNV-1a of 32 bits.
fn hashed(value: &str, argument: &str) -> String {
    let bytes = value.bytes().chain(argument.bytes());
    let step = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    bytes.fold(0x811c_9dc5, step).to_string()
}

impl Crowd {
    /// The first clients of the row begin to work: `value` is what the key of each holds.
    pub(crate) fn gather(lab: &mut Lab, habit: Habit, pause: Duration, values: &[String]) {
        let next = lab.now();
        let user = |(index, value): (usize, &String)| User {
            index,
            habit,
            pause,
            value: value.clone(),
            begun: 0,
            open: None,
            next,
        };
        let users = values.iter().enumerate().map(user).collect();
        lab.crowd = Self { users, leaving: false };
    }

    /// Lets everybody finish; gives what the key of each must hold.
    pub(crate) fn dismiss(lab: &mut Lab) -> Fallible<Vec<String>> {
        lab.crowd.leaving = true;
        let until = lab.now() + Duration::from_secs(30);
        while lab.crowd.users.iter().any(|user| user.open.is_some()) {
            demand(lab.step(until)?, || "Somebody in the crowd waited in vain.".into())?;
        }
        let crowd = std::mem::take(&mut lab.crowd);
        demand(crowd.users.iter().all(|user| user.begun > 0), || "Somebody did nothing.".into())?;
        Ok(crowd.users.into_iter().map(|user| user.value).collect())
    }

    /// When somebody begins the next operation.
    pub(super) fn next(lab: &Lab) -> Option<Instant> {
        let Self { users, leaving } = &lab.crowd;
        let idle = users.iter().filter(|user| user.open.is_none() && !leaving);
        idle.map(|user| user.next).min()
    }

    /// Whoever is to begin now does so.
    pub(super) fn begin(lab: &mut Lab) -> Fallible {
        if lab.crowd.leaving {
            return Ok(());
        }
        let now = lab.now();
        for at in 0..lab.crowd.users.len() {
            let Lab { crowd, lane, .. } = lab;
            let user = &mut crowd.users[at];
            if user.open.is_none() && user.next <= now {
                user.begun += 1;
                let (draw, which) = (lane.below(100), lane.below(1_000_000));
                let command = user.draw(draw, which);
                user.open = Some(command.clone());
                let index = user.index;
                lab.invoke(index, command)?;
            }
        }
        Ok(())
    }

    /// Whoever has an answer looks at it.
    pub(super) fn learn(lab: &mut Lab) -> Fallible {
        for at in 0..lab.crowd.users.len() {
            let user = &lab.crowd.users[at];
            if user.open.is_none() {
                continue;
            }
            let Some(reply) = lab.take(user.index) else { continue };
            let now = lab.now();
            let user = &mut lab.crowd.users[at];
            user.learn(&reply)?;
            user.next = now + user.pause;
        }
        Ok(())
    }
}

impl User {
    fn draw(&self, draw: u64, which: u64) -> Command {
        let value: Text = format!("x {} {} y", self.index, self.begun).into();
        let own: Text = key(self.index as u64).into();
        match self.habit {
            Habit::Append => Command::Append { key: own, value },
            Habit::Hash if self.begun % 2 == 1 => Command::PutHash { key: own, value },
            Habit::Hash => Command::Get { key: own },
            Habit::Mix(keys) => {
                let key = key(which % keys).into();
                match draw {
                    0..50 => Command::Append { key, value },
                    50..55 => Command::Put { key, value },
                    _ => Command::Get { key },
                }
            }
        }
    }

    /// It has its answer: is it what it must be?
    fn learn(&mut self, reply: &Reply) -> Fallible {
        let command = self.open.take().ok_or("An answer came that nobody waited for.")?;
        let own = !matches!(self.habit, Habit::Mix(_));
        match (&command, reply) {
            (Command::PutHash { value, .. }, Reply::Value(before)) => {
                let known = std::mem::take(&mut self.value);
                self.value = hashed(&known, value);
                return demand(**before == *known, || {
                    format!("Client {} hashed {before:?}, not {known:?}.", self.index + 1)
                });
            }
            (Command::Get { .. }, Reply::Value(value)) => {
                return demand(!own || **value == *self.value, || {
                    let known = &self.value;
                    format!("Client {} read {value:?}, not {known:?}.", self.index + 1)
                });
            }
            (Command::Append { value, .. }, Reply::Written { .. }) if own => {
                self.value.push_str(value);
            }
            (Command::Append { .. } | Command::Put { .. }, Reply::Written { .. }) => {}
            _ => return Err(format!("{command} gave {reply}.")),
        }
        Ok(())
    }
}

#[test]
fn the_hash_is_that_of_the_store() {
    use shardscope_core::kv::Kv;
    use shardscope_core::machine::Machine as _;
    let mut store = Kv::default();
    let (key, mut value): (Text, _) = ("k".into(), String::new());
    for argument in ["a", "", "Ä b"] {
        let hash = Command::PutHash { key: key.clone(), value: argument.into() };
        assert_eq!(store.apply(&hash), Reply::Value(value.as_str().into()));
        value = hashed(&value, argument);
        let get = Command::Get { key: key.clone() };
        assert_eq!(store.apply(&get), Reply::Value(value.as_str().into()));
    }
}
