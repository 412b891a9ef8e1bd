//! The test that most rows share: three rounds of five seconds, in which each client does one
//! operation after another while the network and the servers fail.

use shardscope_core::id::NodeSet;
use shardscope_core::kv::{Command, Reply, Text};
use shardscope_core::rng::Rng;
use shardscope_core::sim::Action;
use shardscope_core::time::{Duration, Instant};

use crate::table::Fallible;
use crate::table::lab::{Lab, demand};

const ROUNDS: u64 = 3;
const ROUND: Duration = Duration::from_secs(5);
const SECOND: Duration = Duration::from_secs(1);

/// What fails, and which keys the clients use.
pub(crate) struct Generic {
    /// All servers stop at the end of each round, and start again a second later.
    pub(crate) crash: bool,
    /// From the first second on, the servers are split in two at random, anew every 1000 to 1199
    /// ms.
    pub(crate) partitions: bool,
    /// The clients share keys; otherwise each has one of its own, and knows what is there.
    pub(crate) random: bool,
}

/// A client, and what it knows.
struct User {
    key: Text,
    /// What its key holds, if nobody else writes there.
    last: String,
    /// Its appends so far.
    appends: u64,
    /// What it waits for.
    open: Option<Command>,
}

/// All clients.
struct Users<'a> {
    generic: &'a Generic,
    users: Vec<User>,
    /// They begin nothing more.
    stopping: bool,
}

impl Generic {
    pub(crate) fn play(&self, lab: &mut Lab) -> Fallible {
        let user = |index| User {
            key: format!("{index}").into(),
            last: String::new(),
            appends: 0,
            open: None,
        };
        let users = (0..lab.row.clients).map(user).collect();
        let mut users = Users { generic: self, users, stopping: false };
        for _ in 0..ROUNDS {
            self.round(lab, &mut users)?;
        }
        self.demand_faults(lab)
    }

    fn round(&self, lab: &mut Lab, users: &mut Users<'_>) -> Fallible {
        users.start(lab)?;
        let end = lab.now() + ROUND;
        if self.partitions {
            let first = lab.now() + SECOND;
            let mut next = first;
            while next < end {
                users.run(lab, next)?;
                let split = draw_split(lab, next == first);
                lab.act(&split)?;
                let extra = Duration::from_millis(lab.lane.below(200));
                next += SECOND + extra;
            }
        }
        users.run(lab, end)?;
        if self.partitions {
            lab.act(&Action::Heal)?;
            users.run(lab, end + SECOND)?;
        }
        if self.crash {
            // Whatever is under way now must survive it, once.
            lab.restart_all()?;
        }
        users.finish(lab)?;
        users.check_values(lab)
    }

    fn demand_faults(&self, lab: &Lab) -> Fallible {
        let watch = &lab.watch;
        if self.crash {
            let restarts = u64::from(lab.row.servers) * ROUNDS;
            demand(watch.crashed == restarts && watch.booted == restarts, || {
                format!("{} crashes, {} restarts: not {restarts}.", watch.crashed, watch.booted)
            })?;
            demand(watch.caught > 0, || "No crash caught a client waiting.".into())?;
            let recovered = lab.row.limit.is_none() || watch.recovered > 0;
            demand(recovered, || "No server began again from a snapshot.".into())?;
        }
        if self.partitions {
            let (split, deposing) = (watch.split, watch.deposing);
            demand(split >= 4 * ROUNDS && watch.cut > 0, || {
                format!("Only {split} partitions were made; they cut {} messages.", watch.cut)
            })?;
            demand(deposing > 0, || "No partition left a leader without a majority.".into())?;
        }
        Ok(())
    }
}

/// Each server takes one of two sides, and neither is empty. The first split of a round also
/// leaves the leader, if there is one, without a majority: chance alone might spare it.
fn draw_split(lab: &mut Lab, first: bool) -> Action {
    let majority = lab.world.scenario().quorum();
    loop {
        let mut sides = [NodeSet::EMPTY; 2];
        for id in lab.servers() {
            sides[lab.lane.below(2) as usize].insert(id);
        }
        let leader = lab.leader().filter(|_| first);
        let strong = |side: &NodeSet| side.len() >= majority;
        let spared = leader.is_some_and(|id| sides.iter().any(|s| strong(s) && s.contains(id)));
        if sides.iter().all(|side| !side.is_empty()) && !spared {
            return Action::Partition(sides.to_vec());
        }
    }
}

impl Users<'_> {
    /// Each begins its first operation. Who has a key of its own empties it.
    fn start(&mut self, lab: &mut Lab) -> Fallible {
        self.stopping = false;
        for index in 0..self.users.len() {
            let command = if self.generic.random {
                self.draw(index, &mut lab.lane)
            } else {
                Command::Put { key: self.users[index].key.clone(), value: "".into() }
            };
            self.begin(lab, index, command)?;
        }
        Ok(())
    }

    fn begin(&mut self, lab: &mut Lab, index: usize, command: Command) -> Fallible {
        self.users[index].open = Some(command.clone());
        lab.invoke(index, command)
    }

    /// Half of all operations append; of the others one in ten puts if the keys are shared, and
    /// the rest reads.
    fn draw(&mut self, index: usize, lane: &mut Rng) -> Command {
        let random = self.generic.random;
        let count = self.users.len() as u64;
        let user = &mut self.users[index];
        let key = if random { format!("{}", lane.below(count)).into() } else { user.key.clone() };
        let mut value = || {
            user.appends += 1;
            Text::from(format!("x {index} {} y", user.appends))
        };
        if lane.below(1_000) < 500 {
            Command::Append { key, value: value() }
        } else if random && lane.below(1_000) < 100 {
            Command::Put { key, value: value() }
        } else {
            Command::Get { key }
        }
    }

    /// Lets time pass; whoever has its answer goes on.
    fn run(&mut self, lab: &mut Lab, until: Instant) -> Fallible {
        self.answer(lab)?;
        while lab.step(until)? {
            self.answer(lab)?;
        }
        Ok(())
    }

    fn answer(&mut self, lab: &mut Lab) -> Fallible {
        while let Some((index, reply)) = lab.next_return() {
            self.learn(index, &reply)?;
            if !self.stopping {
                let command = self.draw(index, &mut lab.lane);
                self.begin(lab, index, command)?;
            }
        }
        Ok(())
    }

    /// A client has its answer: is it what it must be?
    fn learn(&mut self, index: usize, reply: &Reply) -> Fallible {
        let random = self.generic.random;
        let user = &mut self.users[index];
        let command = user.open.take().ok_or("An answer came that nobody waited for.")?;
        match (&command, reply) {
            (Command::Get { .. }, Reply::Value(value)) => {
                let expected = random || **value == *user.last;
                return demand(expected, || {
                    let last = &user.last;
                    format!("Client {} read {value:?}; it had written {last:?}.", index + 1)
                });
            }
            (Command::Put { value, .. }, Reply::Written { .. }) => user.last = value.to_string(),
            (Command::Append { value, .. }, Reply::Written { .. }) => user.last.push_str(value),
            _ => return Err(format!("{command} gave {reply}.")),
        }
        Ok(())
    }

    /// Lets everybody finish.
    fn finish(&mut self, lab: &mut Lab) -> Fallible {
        self.stopping = true;
        self.answer(lab)?;
        for index in 0..self.users.len() {
            if self.users[index].open.is_some() {
                let reply = lab.wait(index)?;
                self.learn(index, &reply)?;
            }
        }
        Ok(())
    }

    /// Every append stands in its value exactly once, in the order of its client.
    fn check_values(&mut self, lab: &mut Lab) -> Fallible {
        for index in 0..self.users.len() {
            let key = self.users[index].key.clone();
            self.begin(lab, index, Command::Get { key: key.clone() })?;
            let reply = lab.wait(index)?;
            self.learn(index, &reply)?;
            if let Reply::Value(value) = reply {
                check_tokens(&value, self.users.len())
                    .map_err(|words| format!("Key {key} has {value:?}: {words}"))?;
            }
        }
        Ok(())
    }
}

/// `x 3 7 y` is the seventh write of client 3: each stands there at most once, and in order.
pub(crate) fn check_tokens(value: &str, clients: usize) -> Fallible {
    demand(value.is_empty() || value.ends_with('y'), || "its last write is no write.".into())?;
    let mut last = vec![0; clients];
    for token in value.split_terminator('y') {
        let words: Vec<&str> = token.split_whitespace().collect();
        let ["x", client, number] = words[..] else {
            return Err(format!("{token:?} is no write."));
        };
        let parse = |word: &str| word.parse::<usize>().map_err(|error| format!("{word}: {error}"));
        let (client, number) = (parse(client)?, parse(number)?);
        let last = last.get_mut(client).ok_or("there is no such client.")?;
        demand(number > *last, || format!("write {number} of client {client} after {last}."))?;
        *last = number;
    }
    Ok(())
}
