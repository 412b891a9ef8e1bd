//! A group of servers, and what a tester does with it: cuts servers off, crashes them, puts
//! commands before them, waits, and looks at what was committed.

mod commands;
mod faults;
mod servers;

use std::sync::Arc;

use shardscope_core::id::{NodeId, Slot, Term};
use shardscope_core::kv::{Command, Text};
use shardscope_core::rng::{Ppm, Rng};
use shardscope_core::sim::invariants::Law;
use shardscope_core::sim::packet::{End, Label};
use shardscope_core::sim::report::{Report, Shown};
use shardscope_core::sim::{Action, Chronicle, PacketFault, Scenario, World};
use shardscope_core::time::{Duration, Instant};

use super::Check;
use super::ledger::Ledger;
use super::row::{Bound, Figure, Row};
use super::task::Task;
use super::traffic::{Fault, Traffic, is_reply};

/// What the table calls an election time-out: longer than any of the servers' own.
pub(crate) const ELECTION: Duration = Duration::from_secs(1);
/// How many bytes a value of [`Lab::fresh`] has.
pub(crate) const WIDTH: usize = 32;

/// A server answers within this time what is put before it, unless it crashes: it has no more to
/// write before than what is put before it at once.
const ANSWER: Duration = Duration::from_millis(200);

const LANES: [u64; 2] = [0x6c61_6220, 0x6c6f_6e67];

/// A group of servers and the tester's memory.
pub(crate) struct Lab {
    pub(crate) world: World,
    pub(crate) ledger: Ledger,
    pub(crate) traffic: Traffic,
    pub(crate) figures: Vec<Figure>,
    /// How long it took the slowest command to be agreed upon.
    pub(crate) slowest: Duration,
    /// What clients of the tester saw committed.
    pub(crate) acknowledged: Vec<Text>,
    /// Clients of the tester end after their present command.
    pub(crate) stopping: bool,
    chronicle: Chronicle,
    report: Report,
    now: Instant,
    lane: Rng,
    /// Two of three replies are held up for long, drawn from this lane.
    reorder: Option<Rng>,
    connected: Vec<bool>,
    answers: Vec<(usize, Text, Option<Place>)>,
    tasks: Vec<Task>,
    values: u64,
}

/// Where a command will stand if it commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) term: Term,
    pub(crate) slot: Slot,
    /// Its ordinal among the commands.
    pub(crate) index: u64,
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn node(server: usize) -> NodeId {
    NodeId(server as u16)
}

impl Lab {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let servers = usize::from(scenario.servers);
        Self {
            ledger: Ledger::of(servers),
            traffic: Traffic::default(),
            figures: Vec::new(),
            slowest: Duration::ZERO,
            acknowledged: Vec::new(),
            stopping: false,
            chronicle: Chronicle::default(),
            report: Report::default(),
            now: Instant::ZERO,
            lane: Rng::keyed(&[scenario.seed, LANES[0]]),
            reorder: None,
            connected: vec![true; servers],
            answers: Vec::new(),
            tasks: Vec::new(),
            values: 0,
            world: World::new(Arc::new(scenario)),
        }
    }

    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    pub(crate) const fn servers(&self) -> usize {
        self.connected.len()
    }

    /// The server so many places after another, round and round.
    pub(crate) const fn after(&self, server: usize, places: usize) -> usize {
        (server + places) % self.servers()
    }

    /// A number from 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.lane.below(bound)
    }

    /// Whether something happens that happens so often of a hundred times.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.lane.chance(Ppm::percent(percent))
    }

    /// A value that was not proposed before.
    pub(crate) fn fresh(&mut self) -> Text {
        self.values += 1;
        format!("{:0WIDTH$}", self.values).into()
    }

    pub(crate) fn trace(&self, lines: u64) -> String {
        let trace = &self.chronicle.trace;
        let lines = trace.range(trace.end().saturating_sub(lines)..trace.end());
        let lines: Vec<String> = lines.map(|line| line.text(self.world.scenario())).collect();
        lines.join("\n")
    }
}

/// Judgement.
impl Lab {
    pub(crate) fn expect(&self, holds: bool, words: impl FnOnce() -> String) -> Check {
        if holds { Ok(()) } else { Err(format!("at {} s: {}", self.now, words())) }
    }

    /// Notes a value, which must keep its bound.
    pub(crate) fn figure(&mut self, name: &'static str, seen: u64, bound: Bound) -> Check {
        let figure = Figure { name, seen, bound };
        self.figures.push(figure.clone());
        self.expect(figure.holds(), || format!("out of bounds: {figure}."))
    }

    /// What every row must show in the end.
    pub(crate) fn settle(&mut self, row: &Row, limit: Duration) -> Check {
        if row.operations > 0 {
            let (operations, slowest) = (self.ledger.commands(), self.slowest);
            self.figure("commands", operations, Bound::AtLeast(row.operations))?;
            self.figure("elections", self.traffic.elections, Bound::AtLeast(1))?;
            self.figure("slowest ms", slowest.as_micros() / 1_000, Bound::AtMost(10_000))?;
        }
        for (fault, least) in row.faults {
            self.figure(fault.name(), self.traffic.count(*fault), Bound::AtLeast(*least))?;
        }
        let laws = [Law::ElectionSafety, Law::OneVote, Law::StateMachineSafety, Law::DurableQuorum];
        let idle = laws.iter().find(|law| self.chronicle.observers.checks(**law) == 0);
        self.expect(idle.is_none(), || format!("{idle:?} was never judged."))?;
        self.expect(self.now.since(Instant::ZERO) <= limit, || "It took too long.".into())
    }
}

/// Time.
impl Lab {
    /// Lets time pass; tasks go on meanwhile.
    pub(crate) fn sleep(&mut self, time: Duration) -> Check {
        self.sleep_until(self.now + time)
    }

    pub(crate) fn sleep_until(&mut self, until: Instant) -> Check {
        loop {
            let due = self.tasks.iter().map(Task::due).min().unwrap_or(until).min(until);
            self.run_until(due, |_| false)?;
            let tasks = std::mem::take(&mut self.tasks);
            let mut left = Vec::with_capacity(tasks.len());
            for mut task in tasks {
                if task.due() > self.now || task.poll(self)? {
                    left.push(task);
                }
            }
            self.tasks = left;
            if self.now >= until && self.tasks.iter().all(|task| task.due() > self.now) {
                return Ok(());
            }
        }
    }

    /// Starts something that goes on by itself whenever time passes.
    pub(crate) fn begin(&mut self, task: Task) {
        self.tasks.push(task);
    }

    /// Waits until all tasks have ended.
    pub(crate) fn join(&mut self) -> Check {
        while let Some(due) = self.tasks.iter().map(Task::due).min() {
            self.sleep_until(due)?;
        }
        Ok(())
    }

    /// Carries out the world's events up to a moment, or until something is so.
    fn run_until(&mut self, until: Instant, done: impl Fn(&Self) -> bool) -> Check {
        while !done(self) {
            if !self.world.step_until(until, &mut self.report) {
                self.now = self.now.max(until);
                return Ok(());
            }
            self.look()?;
            self.now = self.now.max(self.world.now());
            self.hold_up()?;
        }
        Ok(())
    }

    /// Does something to the world now.
    fn act(&mut self, action: &Action) -> Check {
        let done = self.world.act(self.now, action, &mut self.report);
        done.map_err(|refusal| format!("at {} s: {refusal}", self.now))?;
        self.look()
    }

    fn look(&mut self) -> Check {
        self.chronicle.record(&self.world, &self.report);
        self.traffic.take(&self.world, &self.report);
        let taken = self.ledger.take(&self.report);
        taken.map_err(|words| format!("at {} s: {words}", self.report.at))?;
        let server = usize::from(self.report.node.0);
        for shown in &self.report.shown {
            if let Shown::Proposed { command: Command::Put { value, .. }, place, .. } = shown {
                let replica = self.world.node(self.report.node).and_then(|node| node.server());
                let place = place.ok().zip(replica).map(|(at, server)| Place {
                    term: at.term,
                    slot: at.slot,
                    index: self.ledger.index(server.replica().log(), at.slot),
                });
                self.answers.push((server, value.clone(), place));
            }
        }
        match self.chronicle.observers.violations().first() {
            Some(broken) => {
                Err(format!("at {} s: {}: {}", broken.at, broken.law.id(), broken.words))
            }
            None => Ok(()),
        }
    }

    /// Holds up two of three replies that were just sent, by 200 ms and up to 2 s more, mostly by
    /// little.
    fn hold_up(&mut self) -> Check {
        let Some(mut lane) = self.reorder.take() else { return Ok(()) };
        let waits = |label: &Label| is_reply(label.shape) && label.end == End::Arrives;
        let sent: Vec<u64> = self
            .report
            .shown
            .iter()
            .filter_map(|shown| match shown {
                Shown::Sent(label) if waits(label) => Some(label.id),
                _ => None,
            })
            .collect();
        for id in sent {
            let (slow, most) = (lane.below(3) < 2, lane.below(2_000));
            let by = ms(200 + lane.below(1 + most));
            if slow {
                self.act(&Action::Packet { id, fault: PacketFault::Delay(by) })?;
                self.traffic.add(Fault::Delay);
            }
        }
        self.reorder = Some(lane);
        Ok(())
    }
}
